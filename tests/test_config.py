import json
import os
import re
import tomllib
from pathlib import Path

import discord
import pytest

from bot.config import ConfigError, Settings, load_settings, setting_keys
from bot.config_values import PERMISSION_NAMES, is_loopback

EXAMPLE = Path(__file__).parent.parent / "config.example.toml"
HEX = "0123456789abcdef0123456789ABCDEF"
EASEMOB = {
    "kind": "easemob",
    "base_url": "https://im.example.com",
    "org": "acme",
    "app": "club",
    "client_id": "id-1",
    "client_secret": "s3cret-value",
}
SHENGWANG = {
    "kind": "shengwang",
    "base_url": "https://im.example.com",
    "app_id": HEX,
    "app_certificate": HEX[::-1],
}


@pytest.fixture(autouse=True)
def empty_place(tmp_path, monkeypatch):
    """No config.toml and no WARDEN_ variables but those of the test."""
    for name in [name for name in os.environ if name.upper().startswith("WARDEN_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


def write(text: str) -> Path:
    file = Path("warden.toml")
    file.write_text(text, encoding="utf-8")
    return file


def section(name: str, values: dict[str, object]) -> str:
    return f"[{name}]\n" + "".join(f"{key} = {toml(value)}\n" for key, value in values.items())


def toml(value: object) -> str:
    return json.dumps(value)  # TOML writes these values like JSON


def refusal(path: Path | None = None) -> str:
    with pytest.raises(ConfigError) as caught:
        load_settings(path)
    text = str(caught.value)
    assert len(text.splitlines()) == 1, "one line for the operator"
    assert caught.value.__cause__ is None
    return text


def test_without_file_and_environment_the_defaults_hold():
    settings = load_settings(None)
    assert settings.discord.token is None
    assert settings.discord.guild_ids == ()
    assert settings.im.kind == "embedded"
    assert settings.storage.url.get_secret_value() == "sqlite+aiosqlite:///warden.db"
    assert (settings.timers.reconcile_seconds, settings.timers.max_attempts) == (30, 8)
    assert (settings.cleanup.budget_share, settings.cleanup.restore_days) == (0.3, 7)
    assert (settings.http.host, settings.http.port) == ("127.0.0.1", 0)
    assert (settings.staff.moderator_permission, settings.staff.admin_permission) == (
        "moderate_members",
        "manage_guild",
    )


def test_config_toml_is_read_when_no_file_is_named():
    Path("config.toml").write_text("[discord]\nshards = 4\n")
    assert load_settings(None).discord.shards == 4


def test_environment_wins_over_the_file(monkeypatch):
    monkeypatch.setenv("WARDEN_DISCORD__SHARDS", "7")
    settings = load_settings(write("[discord]\nshards = 4\nguild_ids = [5]\n"))
    assert settings.discord.shards == 7
    assert settings.discord.guild_ids == (5,), "the rest of the section stays as in the file"


@pytest.mark.parametrize("written", ["11,22", " 11 , 22, ", "[11, 22]", '["11", "22"]'])
def test_lists_in_the_environment_are_json_or_separated_by_commas(monkeypatch, written):
    monkeypatch.setenv("WARDEN_STAFF__ADMIN_ROLES", written)
    assert load_settings(None).staff.admin_roles == (11, 22)


def test_a_single_id_in_the_environment_is_a_list_of_one(monkeypatch):
    monkeypatch.setenv("WARDEN_DISCORD__GUILD_IDS", "123456789012345678")
    assert load_settings(None).discord.guild_ids == (123456789012345678,)


def test_empty_variables_mean_not_set(monkeypatch):
    for name in ("WARDEN_DISCORD__TOKEN", "WARDEN_IM__ORG", "WARDEN_IM__BASE_URL", "WARDEN_HTTP__CALLBACK_SECRET"):
        monkeypatch.setenv(name, " ")
    monkeypatch.setenv("WARDEN_DISCORD__GUILD_IDS", "")
    settings = load_settings(None)
    assert settings.discord.token is settings.im.org is settings.im.base_url is settings.http.callback_secret is None
    assert settings.discord.guild_ids == ()


def test_a_variable_in_lower_case_counts_too(monkeypatch):
    monkeypatch.setenv("warden_log__level", "DEBUG")
    assert load_settings(None).log.level == "debug"


def test_variables_of_others_do_not_matter(monkeypatch):
    monkeypatch.setenv("WARDEN_DISCORD_OPENAPI", "somewhere.json")
    monkeypatch.setenv("DISCORD_TOKEN", "x")
    load_settings(None)


WRONG = [
    ("discord", "token", "two words"),
    ("discord", "token", "line\nbreak"),
    ("discord", "token", "tök"),
    ("discord", "guild_ids", [0]),
    ("discord", "guild_ids", ["general"]),
    ("discord", "guild_ids", [True]),
    ("discord", "guild_ids", [2**63]),
    ("discord", "api_base", "discord.com"),
    ("discord", "api_base", "ftp://127.0.0.1"),
    ("discord", "api_base", "http://user:pass@127.0.0.1"),
    ("discord", "api_base", "http://127.0.0.1/?x=1"),
    ("discord", "api_base", "http://127.0.0.1\\@example.com"),
    ("discord", "api_base", "http://127.0.0.1:99999"),
    ("discord", "api_base", "http://[::1"),
    ("discord", "gateway_url", "http://127.0.0.1"),
    ("discord", "allow_custom_endpoint", "perhaps"),
    ("discord", "shards", 0),
    ("discord", "shards", True),
    ("im", "kind", "whatsapp"),
    ("im", "base_url", "im.example.com"),
    ("im", "org", "a b"),
    ("im", "app_id", HEX[1:]),
    ("im", "app_id", "g" * 32),
    ("im", "app_certificate", HEX + "0"),
    ("im", "timeout_seconds", 0),
    ("im", "timeout_seconds", -1.5),
    ("im", "timeout_seconds", 301),
    ("im", "timeout_seconds", True),
    ("storage", "url", "warden.db"),
    ("storage", "url", "sqlite:///warden.db"),
    ("storage", "url", "sqlite+aiosqlite://"),
    ("storage", "url", "mysql+aiomysql://u:p@h/d"),
    ("storage", "url", "postgresql://u:p@h/d"),
    ("storage", "url", "postgresql+asyncpg://u:p@h"),
    ("storage", "url", "postgresql+asyncpg://u:p/w@h/d"),
    ("storage", "url", "postgresql+asyncpg://u:p@w@h/d"),
    ("staff", "moderator_roles", ["mods"]),
    ("staff", "admin_roles", 7),
    ("staff", "moderator_permission", "moderate"),
    ("staff", "admin_permission", ""),
    ("timers", "reconcile_seconds", 4),
    ("timers", "reconcile_seconds", 51),
    ("timers", "max_attempts", 0),
    ("cleanup", "budget_share", 0),
    ("cleanup", "budget_share", 1.1),
    ("cleanup", "restore_days", 0),
    ("cleanup", "restore_days", 366),
    ("http", "host", ""),
    ("http", "port", -1),
    ("http", "port", 65536),
    ("http", "callback_secret", "a b"),
    ("log", "level", "loud"),
    ("log", "format", "xml"),
    ("locale", "default", "de"),
]


@pytest.mark.parametrize(("name", "key", "value"), WRONG)
def test_a_wrong_value_in_the_file_is_refused_by_name_with_what_is_allowed(name, key, value):
    text = refusal(write(section(name, {key: value})))
    allowed = Settings.model_fields[name].annotation.model_fields[key].description
    assert text == f"warden.toml: {name}.{key} must be {allowed}"


@pytest.mark.parametrize(
    ("name", "key", "value"), [case for case in WRONG if isinstance(case[2], int | float | str) and case[2] is not True]
)
def test_a_wrong_value_in_the_environment_is_refused_by_its_variable(monkeypatch, name, key, value):
    if (name, key) == ("staff", "admin_roles"):
        value = "seven"
    variable = f"WARDEN_{name}__{key}".upper()
    monkeypatch.setenv(variable, str(value))
    assert refusal().startswith(f"{variable} ({name}.{key}) must be ")


@pytest.mark.parametrize("value", ["nan", "inf", "-inf"])
@pytest.mark.parametrize("key", ["im.timeout_seconds", "cleanup.budget_share"])
def test_numbers_that_are_none_are_refused(key, value):
    name, _, key = key.partition(".")
    assert f"{name}.{key} must be" in refusal(write(f"[{name}]\n{key} = {value}\n"))


def test_several_wrong_values_are_counted():
    assert refusal(write('[log]\nlevel = "x"\nformat = "y"\n')).endswith("(and 1 more to correct)")


@pytest.mark.parametrize("seconds", [5, 50])
def test_the_ends_of_the_reconcile_range_are_allowed(seconds):
    assert load_settings(write(f"[timers]\nreconcile_seconds = {seconds}\n")).timers.reconcile_seconds == seconds


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('[discord]\ntokn = "x"\n', "unknown key discord.tokn: did you mean token?"),
        ("[discord]\nzzz = 1\n", "unknown key discord.zzz: known keys of discord are token, guild_ids,"),
        ('[discrod]\ntoken = "x"\n', "unknown section discrod: did you mean discord?"),
        ("[zzz]\n", "unknown section zzz: known sections are discord, im,"),
        ('token = "x"\n', "unknown section token"),
        ("discord = 5\n", "discord must be a section, written [discord]"),
        ('["dis\\ncord"]\n', "unknown section dis?cord"),
    ],
)
def test_unknown_keys_in_the_file_are_refused_with_the_nearest(text, expected):
    assert refusal(write(text)).startswith(f"warden.toml: {expected}")


@pytest.mark.parametrize(
    ("variable", "expected"),
    [
        ("WARDEN_DISCROD__TOKEN", "did you mean WARDEN_DISCORD__TOKEN?"),
        ("WARDEN_DISCORD_TOKEN", "did you mean WARDEN_DISCORD__TOKEN?"),
        ("WARDEN_DISCORD__TOKN", "did you mean WARDEN_DISCORD__TOKEN?"),
        ("WARDEN_DISCORD__TOKEN__X", "did you mean WARDEN_DISCORD__TOKEN?"),
        ("warden_discrod__token", "did you mean WARDEN_DISCORD__TOKEN?"),
        ("WARDEN_ZZZ", "variables are named WARDEN_SECTION__KEY as in config.example.toml"),
        ("WARDEN_LOCALE", "variables are named WARDEN_SECTION__KEY as in config.example.toml"),
    ],
)
def test_unknown_variables_are_refused_with_the_nearest(monkeypatch, variable, expected):
    monkeypatch.setenv(variable, "MTk4.secret")
    assert refusal() == f"unknown environment variable {variable}: {expected}"


def test_broken_toml_is_refused_with_its_line():
    assert "warden.toml: not valid TOML at line 3;" in refusal(write("[log]\n\nlevel = info\n"))


def test_unfinished_toml_is_refused():
    assert "warden.toml: not valid TOML at " in refusal(write("[log]\nlevel = ['a'"))


def test_a_deeply_nested_file_is_refused_and_not_a_crash():
    assert "not valid TOML" in refusal(write("x = " + "[" * 100_000))


def test_text_that_is_not_utf8_is_refused_with_its_line():
    Path("warden.toml").write_bytes(b'[log]\nlevel = "\xff"\n')
    assert refusal(Path("warden.toml")) == "warden.toml: line 2 is not UTF-8 text"


def test_a_byte_order_mark_does_no_harm():
    Path("warden.toml").write_bytes(b"\xef\xbb\xbf[log]\nlevel = 'error'\n")
    assert load_settings(Path("warden.toml")).log.level == "error"


def test_a_named_file_that_is_missing_is_refused_even_if_it_is_the_default():
    assert refusal(Path("config.toml")) == "config.toml: there is no such configuration file"


def test_a_folder_in_place_of_the_file_is_refused():
    Path("config.toml").mkdir()
    assert refusal() == "config.toml: cannot be read (Is a directory)"


def test_easemob_with_all_it_needs_is_accepted():
    settings = load_settings(write(section("im", EASEMOB)))
    assert settings.im.client_secret is not None
    assert settings.im.client_secret.get_secret_value() == "s3cret-value"


@pytest.mark.parametrize("key", [key for key in EASEMOB if key != "kind"])
def test_easemob_needs_each_of_its_keys(key):
    text = refusal(write(section("im", {name: value for name, value in EASEMOB.items() if name != key})))
    assert text == (
        f"im.kind = easemob needs im.{key}; set what is missing in config.toml or as WARDEN_IM__{key.upper()}"
    )


def test_shengwang_with_all_it_needs_is_accepted():
    assert load_settings(write(section("im", SHENGWANG))).im.app_id == HEX


@pytest.mark.parametrize("key", [key for key in SHENGWANG if key != "kind"])
def test_shengwang_needs_each_of_its_keys(key):
    text = refusal(write(section("im", {name: value for name, value in SHENGWANG.items() if name != key})))
    assert text.startswith(f"im.kind = shengwang needs im.{key};")


def test_embedded_needs_nothing():
    assert load_settings(write('[im]\nkind = "embedded"\n')).im.base_url is None


@pytest.mark.parametrize(
    ("key", "url"),
    [
        ("api_base", "http://example.com/api"),
        ("api_base", "https://discord.com.example.com/api/v10"),
        ("api_base", "http://discord.com/api/v10"),
        ("api_base", "https://discord.com:8443/api/v10"),
        ("api_base", "http://127.0.0.1.example.com"),
        ("api_base", "http://0.0.0.0:80"),
        ("api_base", "http://10.0.0.1"),
        ("api_base", "http://2130706433"),
        ("gateway_url", "ws://example.com"),
        ("gateway_url", "ws://gateway.discord.gg"),
    ],
)
def test_the_token_goes_to_another_machine_only_if_that_is_allowed(key, url):
    assert refusal(write(section("discord", {key: url}))).startswith(f"discord.{key} is not Discord's own address")
    allowed = load_settings(write(section("discord", {key: url, "allow_custom_endpoint": True})))
    assert getattr(allowed.discord, key) == url


@pytest.mark.parametrize("host", ["127.0.0.1:8080", "localhost:1", "LOCALHOST", "[::1]:99", "127.3.2.1"])
def test_this_machine_needs_no_allowance(host):
    settings = load_settings(
        write(section("discord", {"api_base": f"http://{host}/api/v10/", "gateway_url": f"ws://{host}/"}))
    )
    assert settings.discord.api_base == f"http://{host}/api/v10", "the trailing slash is cut"


def test_loopback_is_only_what_can_only_be_this_machine():
    assert is_loopback("localhost")
    assert is_loopback("::1")
    assert not is_loopback("localhost.example.com")
    assert not is_loopback("")


SECRETS = {
    "WARDEN_DISCORD__TOKEN": "MTk4-token-value",
    "WARDEN_IM__CLIENT_SECRET": "client-secret-value",
    "WARDEN_IM__APP_CERTIFICATE": HEX,
    "WARDEN_HTTP__CALLBACK_SECRET": "callback-secret-value",
    "WARDEN_STORAGE__URL": "postgresql+asyncpg://warden:db%2Fpass-value@db.example.com:5432/warden?password=other-value",
}


def test_secrets_are_neither_in_repr_nor_in_a_dump(monkeypatch):
    for name, value in SECRETS.items():
        monkeypatch.setenv(name, value)
    settings = load_settings(None)
    shown = repr(settings) + str(settings) + str(settings.model_dump()) + settings.model_dump_json()
    for value in [*SECRETS.values(), "db%2Fpass-value", "other-value"]:
        assert value not in shown


def test_all_secrets_are_handed_to_the_redaction(monkeypatch):
    for name, value in SECRETS.items():
        monkeypatch.setenv(name, value)
    found = set(load_settings(None).secrets())
    assert found >= {value for name, value in SECRETS.items() if name != "WARDEN_STORAGE__URL"}
    assert found >= {"db%2Fpass-value", "db/pass-value", "other-value"}


@pytest.mark.parametrize("variable", sorted(SECRETS))
def test_a_refused_secret_is_not_repeated(monkeypatch, variable):
    monkeypatch.setenv(variable, f"{SECRETS[variable]} with blanks")
    assert SECRETS[variable] not in refusal()


def test_a_secret_under_the_wrong_key_is_not_repeated():
    assert "MTk4" not in refusal(write('[log]\nlevel = "MTk4-token-value"\n'))
    assert "MTk4" not in refusal(write('[discord]\ntokn = "MTk4-token-value"\n'))
    assert "MTk4" not in refusal(write("[discord]\ntoken = MTk4-token-value\n"))


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("sqlite+aiosqlite:///warden.db", "sqlite+aiosqlite:///warden.db"),
        ("sqlite+aiosqlite:////var/lib/warden.db?x=1", "sqlite+aiosqlite:////var/lib/warden.db"),
        (SECRETS["WARDEN_STORAGE__URL"], "postgresql+asyncpg://warden:***@db.example.com:5432/warden"),
        ("postgresql+asyncpg://warden@[::1]/warden", "postgresql+asyncpg://warden@[::1]/warden"),
        ("postgresql+asyncpg:///warden?host=/run/pg", "postgresql+asyncpg:///warden"),
    ],
)
def test_the_database_url_is_shown_without_its_password(monkeypatch, url, shown):
    monkeypatch.setenv("WARDEN_STORAGE__URL", url)
    storage = load_settings(None).storage
    assert storage.display_url == shown
    assert storage.url.get_secret_value() == url


def test_settings_cannot_be_changed():
    with pytest.raises(ValueError, match="frozen"):
        load_settings(None).log.level = "debug"


def test_permission_names_are_those_of_discord():
    assert set(discord.Permissions.VALID_FLAGS) == PERMISSION_NAMES


def test_every_setting_says_what_is_allowed():
    for name, keys in setting_keys().items():
        for key in keys:
            assert Settings.model_fields[name].annotation.model_fields[key].description


def example_with_commented_keys() -> str:
    return re.sub(r"^# (?=[a-z_]+ = )", "", EXAMPLE.read_text(encoding="utf-8"), flags=re.MULTILINE)


def test_the_example_is_valid_as_delivered_and_equals_the_defaults():
    assert load_settings(EXAMPLE) == load_settings(None)


def test_the_example_has_every_key_in_the_documented_order():
    content = tomllib.loads(example_with_commented_keys())
    assert {name: tuple(values) for name, values in content.items()} == setting_keys()


def test_the_example_comments_out_only_keys_without_a_default():
    active = tomllib.loads(EXAMPLE.read_text(encoding="utf-8"))
    for name, keys in tomllib.loads(example_with_commented_keys()).items():
        for key in keys:
            default = getattr(getattr(load_settings(None), name), key)
            assert (key in active[name]) == (default is not None), f"{name}.{key}"


def test_the_examples_placeholders_are_valid_values():
    text = example_with_commented_keys()
    for words in ("the bot token", "the client id", "the client secret", "the community's id", "the callback secret"):
        text = text.replace(f'"{words}"', '"something"')
    load_settings(write(text))


def test_every_key_of_the_example_is_explained():
    lines = EXAMPLE.read_text(encoding="utf-8").splitlines()
    for number, line in enumerate(lines):
        if re.match(r"[a-z_]+ = ", line):
            assert lines[number - 1].startswith("# "), line
