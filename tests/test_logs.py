import io
import json
import logging
import re
import warnings

import pytest
import structlog

from bot import logs
from bot.im import errors as im
from bot.services.refusals import Refusal, Unsettled
from bot.ui.funnel import note

SECRET = "s3cr3t/value+with=marks"
INTERACTION_TOKEN = "aW50ZXJhY3Rpb246MTIzNDU2Nzg5"


@pytest.fixture(autouse=True)
def restored_logging():
    """Leave the process's logging as it was: other tests use it."""
    root = logging.getLogger()
    before = (root.handlers[:], root.level)
    levels = {name: logging.getLogger(name).level for name in logs._LIBRARY_LEVELS}
    yield
    root.handlers[:], root.level = before[0], before[1]
    for name, level in levels.items():
        logging.getLogger(name).setLevel(level)
    logging.captureWarnings(capture=False)
    structlog.reset_defaults()
    logs._redactor.clear()


def configured(level="info", line_format="json") -> io.StringIO:
    stream = io.StringIO()
    logs.configure_logging(level, line_format, stream)
    return stream


def lines(stream: io.StringIO) -> list[dict]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_structlog_and_the_standard_library_share_one_form():
    stream = configured()
    structlog.get_logger("bot.app").info("ready", guilds=2)
    logging.getLogger("discord.gateway").info("Shard %s connected", 0)
    ours, theirs = lines(stream)
    assert (ours["event"], ours["guilds"], ours["logger"], ours["level"]) == ("ready", 2, "bot.app", "info")
    assert (theirs["event"], theirs["logger"], theirs["level"]) == ("Shard 0 connected", "discord.gateway", "info")
    assert set(theirs) <= set(ours)


def test_times_are_in_utc():
    stream = configured()
    structlog.get_logger("bot").info("now")
    logging.getLogger("aiohttp.server").error("now")
    for line in lines(stream):
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z", line["timestamp"])


def test_the_log_goes_to_stderr(capsys):
    logs.configure_logging("info", "json")
    structlog.get_logger("bot").info("hello")
    out, err = capsys.readouterr()
    assert out == ""
    assert json.loads(err)["event"] == "hello"


@pytest.mark.parametrize(("level", "expected"), [("debug", 5), ("info", 4), ("warning", 3), ("error", 2)])
def test_nothing_below_the_level_is_logged(level, expected):
    stream = configured(level)
    for name in ("debug", "info", "warning", "error", "critical"):
        getattr(structlog.get_logger("bot"), name)("x")
    assert len(lines(stream)) == expected


def test_libraries_do_not_log_message_contents_at_debug():
    stream = configured("debug")
    logging.getLogger("discord.gateway").debug("WebSocket event: %s", {"content": "private"})
    logging.getLogger("sqlalchemy.engine.Engine").info("SELECT 1")
    logging.getLogger("apscheduler.executors.default").info("Running job")
    assert stream.getvalue() == ""


def test_the_last_configuration_holds_alone():
    first, second = configured(), configured("error")
    structlog.get_logger("bot").info("dropped")
    structlog.get_logger("bot").error("kept")
    assert first.getvalue() == ""
    assert [line["event"] for line in lines(second)] == ["kept"]


@pytest.mark.parametrize("line_format", ["json", "console"])
def test_a_secret_is_redacted_wherever_it_stands(line_format):
    stream = configured(line_format=line_format)
    logs.register_secrets([SECRET])
    log = structlog.get_logger("bot")

    class Holder:
        def __repr__(self):
            return f"Holder({SECRET!r})"

    log.info("event %s", SECRET)
    log.info("field", url=f"https://x/{SECRET}", nested={"a": [SECRET, (SECRET,)], SECRET: 1}, holder=Holder())
    log.info("bytes", raw=SECRET.encode())
    log.bind(bound=SECRET).info("bound")
    logging.getLogger("discord.http").warning("asked with %s", SECRET)
    logging.getLogger("aiohttp.client").error("failed", exc_info=ValueError(SECRET))
    with structlog.contextvars.bound_contextvars(who=SECRET):
        log.info("context")
    text = stream.getvalue()
    assert "s3cr3t" not in text
    assert text.count(logs.REDACTED) >= 10


def test_a_secret_is_redacted_in_a_chain_of_exceptions():
    stream = configured()
    logs.register_secrets([SECRET])
    try:
        try:
            int(SECRET)
        except ValueError as inner:
            raise RuntimeError(f"outer {SECRET}") from inner
    except RuntimeError as error:
        structlog.get_logger("bot").exception("went wrong", error=error)
    (line,) = lines(stream)
    assert "s3cr3t" not in stream.getvalue()
    assert "int() with base 10: '***'" in line["exception"]
    assert "outer ***" in line["exception"]
    assert line["error"] == "outer ***"


@pytest.mark.parametrize("secret", ['with"quote', "with\\backslash", "with\nnewline", "mit Umläuten", "with'single"])
def test_escaped_spellings_of_a_secret_are_redacted(secret):
    logs.register_secrets([secret])
    for spelling in (secret, repr(secret), json.dumps(secret), json.dumps(secret, ensure_ascii=False)):
        assert logs.redact(f"<{spelling}>").replace('"', "").replace("'", "") == "<***>"


def test_the_percent_encoded_spelling_of_a_secret_is_redacted():
    logs.register_secrets([SECRET])
    assert logs.redact("?key=s3cr3t%2Fvalue%2Bwith%3Dmarks&x=1") == "?key=***&x=1"


def test_a_number_that_is_a_secret_is_redacted_and_others_stay_numbers():
    stream = configured()
    logs.register_secrets(["123456789"])
    structlog.get_logger("bot").info("numbers", wrong=123456789, right=42, share=0.5, on=True, none=None)
    (line,) = lines(stream)
    assert (line["wrong"], line["right"], line["share"], line["on"], line["none"]) == ("***", 42, 0.5, True, None)


def test_a_secret_that_contains_another_one_goes_as_a_whole():
    logs.register_secrets(["abcd", "abcd-efgh"])
    assert logs.redact("abcd-efgh") == "***"


def test_empty_and_very_short_secrets_do_not_shred_the_log():
    logs.register_secrets(["", "a"])
    assert logs.redact("a banana") == "a banana"


@pytest.mark.parametrize(
    ("text", "redacted"),
    [
        (
            f"POST /api/v10/webhooks/123/{INTERACTION_TOKEN}/messages/@original responded with 429",
            "POST /api/v10/webhooks/123/***/messages/@original responded with 429",
        ),
        (f"/interactions/5/{INTERACTION_TOKEN}/callback", "/interactions/5/***/callback"),
        ("{'Authorization': 'Bearer YWMtabcdefghijklmnop'}", "{'Authorization': 'Bearer ***'}"),
        ("Authorization: Bot MTk4NjIyNDgzNDcxOTI1MjQ4.Cl2FMQ.x", "Authorization: Bot ***"),
        ("the Bot is ready", "the Bot is ready"),
    ],
)
def test_credentials_that_nobody_registered_are_known_by_their_shape(text, redacted):
    assert logs.redact(text) == redacted


def test_console_lines_cannot_be_forged_by_what_is_logged():
    stream = configured(line_format="console")
    structlog.get_logger("bot").info("member\n2026-01-01 [critical] forged", name="\x1b[2Jclear", text="a\r\nb")
    logging.getLogger("bot").info("line\nbreak")
    assert len(stream.getvalue().splitlines()) == 2
    assert "\x1b" not in stream.getvalue()


def test_json_lines_hold_chinese_as_it_is():
    stream = configured()
    structlog.get_logger("bot").info("禁言", member="小明")
    assert "禁言" in stream.getvalue()
    assert lines(stream)[0]["member"] == "小明"


def test_a_record_that_cannot_be_formatted_does_not_show_its_arguments(capsys):
    stream = configured()
    logging.getLogger("discord").warning("%d", SECRET)
    assert "could not be written" in stream.getvalue()
    assert "s3cr3t" not in stream.getvalue() + capsys.readouterr().err


def test_a_closed_stream_does_not_end_the_program():
    class Gone(io.StringIO):
        def write(self, _text):
            raise BrokenPipeError

    logs.configure_logging("info", "json", Gone())
    structlog.get_logger("bot").info("nobody reads this")


def test_python_warnings_are_logged():
    stream = configured()
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.warn("old way", DeprecationWarning, stacklevel=1)
    assert "old way" in lines(stream)[0]["event"]


def test_a_reconnect_of_discord_is_one_line_with_its_reason():
    stream = configured(line_format="console")
    refused = ConnectionRefusedError("nobody there")
    logging.getLogger("discord.client").error("Attempting a reconnect in %.2fs", 1.5, exc_info=refused)
    (line,) = stream.getvalue().splitlines()
    assert "Attempting a reconnect in 1.50s nobody there" in line


def test_in_somebody_elses_process_logs_are_plain_lines_of_its_own_logging(caplog):
    structlog.reset_defaults()
    logs.register_secrets([SECRET])
    logs.speak_plainly()
    with caplog.at_level(logging.INFO):
        structlog.get_logger("bot.plugin").info("100 % ready\nor not", token=SECRET)
        structlog.get_logger("bot.plugin").error("failed", exc_info=ValueError("broken"))
    ready, failed = caplog.messages
    assert ready == "100 % ready or not token='***'"
    assert failed.splitlines()[0] == "failed"
    assert failed.endswith("ValueError: broken")
    assert [record.name for record in caplog.records] == ["bot.plugin"] * 2


def test_a_process_that_has_set_up_structlog_keeps_it():
    stream = configured()
    logs.speak_plainly()
    structlog.get_logger("bot.plugin").info("ready")
    assert lines(stream)[0]["event"] == "ready"


@pytest.mark.parametrize(
    ("error", "reference", "why"),
    [
        (Refusal("refusal-not-muted", member="kofi.mensah", channel="strategy"), None, "refusal-not-muted"),
        (
            im.Forbidden("kofi.mensah is not in strategy", status=403, error="forbidden_op", endpoint="POST /x"),
            "W5KX7P2M",
            "Forbidden POST /x 403 forbidden_op",
        ),
        (Unsettled(7, im.Timeout("kofi.mensah", request_id="ab12")), "W5KX7P2M", "case 7: Timeout [ab12]"),
    ],
)
def test_an_error_is_logged_without_what_people_or_the_im_wrote(error, reference, why):
    stream = configured()
    note(error, reference)
    (line,) = lines(stream)
    assert (line["why"], line.get("ref")) == (why, reference)
    assert "kofi" not in stream.getvalue()
