"""What `im-service` takes besides credentials: what to fill it with, and where to send callbacks."""

import re

import pytest

from tests.cli.lines import only_line

SECRET = "callback-secret-77"


@pytest.fixture
def served(monkeypatch):
    """Whatever `serve` is called with, instead of serving."""
    seen = {}

    async def serve(**arguments):
        seen.update(arguments)

    monkeypatch.setattr("bot.imservice.serve", serve)
    return seen


@pytest.mark.parametrize(
    ("text", "seed"), [("sample", "sample"), ("1", 1), ("100000", 100_000), ("1000000", 1_000_000), ("007", 7)]
)
def test_seed_is_the_sample_or_a_number(warden, served, text, seed):
    assert warden("im-service", "--seed", text)[0] == 0
    assert served["seed"] == seed


@pytest.mark.parametrize("text", ["0", "1000001", "-1", "1e3", "1,000", "Sample", "", " 5", "٣", "9" * 5000])
def test_any_other_seed_is_refused_with_what_is_possible(warden, served, text):
    code, out, err = warden("im-service", f"--seed={text}")
    assert (code, out, served) == (2, "", {})
    assert "--seed: say sample, or a number of members from 1 to 1,000,000" in re.sub(r"\s+", " ", err)


def test_callback_options_are_handed_on(warden, served):
    assert warden("im-service", "--callback-url", "http://h/x", "--callback-secret", SECRET)[0] == 0
    assert (served["options"].callback_url, served["options"].callback_secret) == ("http://h/x", SECRET)


def test_without_them_nothing_is_told(warden, served):
    assert warden("im-service")[0] == 0
    assert served["options"].callback_url is None


def test_the_callback_secret_is_taken_from_the_environment(warden, served, monkeypatch):
    monkeypatch.setenv("WARDEN_HTTP__CALLBACK_SECRET", SECRET)
    assert warden("im-service", "--callback-url", "http://h/x")[0] == 0
    assert served["options"].callback_secret == SECRET


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--callback-url", "ftp://h/x", "--callback-secret", SECRET], "--callback-url"),
        (["--callback-url", "http://h/x"], "--callback-secret"),
    ],
)
def test_callbacks_that_cannot_work_are_one_line(warden, arguments, said):
    code, out, err = warden("im-service", "--port", "0", *arguments)
    assert (code, out) == (1, "")
    assert said in only_line(err)
    assert SECRET not in err
