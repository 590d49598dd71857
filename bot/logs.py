"""Logging: structlog and the standard library in one stream on stderr, in UTC, without secrets.

Whatever is logged passes the redaction, whoever logs it: event, fields, foreign messages, exception text.
"""

import json
import logging
import re
import sys
from collections.abc import Iterable, Mapping
from typing import Literal, TextIO, cast
from urllib.parse import quote

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

LogFormat = Literal["console", "json"]
REDACTED = "***"

# Shorter strings occur by chance, and redacting them would make the log unreadable.
_SHORTEST_SECRET = 4

# Credentials that nobody registers: authorization headers, and Discord's interaction and webhook tokens, which stand in
# paths that discord.py logs and which let anybody answer in the bot's name.
_CREDENTIAL_SHAPES = (
    re.compile(r"(\b(?:Bearer|Bot)\s+)[\w.~+/=-]{16,}"),
    re.compile(r"(/(?:webhooks|interactions)/\d+/)[\w-]{16,}"),
)
_SHORTEST_CREDENTIAL = len("Bot ") + 16
_SHOWN_OF_IT = rf"\1{REDACTED}"
_MOST_KEYS = 500

# Libraries whose chatter is lifted: what they log below this level holds message contents or comes once a job or query.
_LIBRARY_LEVELS = {
    "aiohttp.access": logging.WARNING,
    "alembic": logging.WARNING,
    # It warns of every run that is skipped because the one before is still at work, which is what we ask of it.
    "apscheduler": logging.ERROR,
    "asyncio": logging.INFO,
    "discord": logging.INFO,
    "sqlalchemy": logging.WARNING,
}

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


class Redactor:
    """Replaces known secrets in text; a log processor."""

    def __init__(self) -> None:
        self._secrets: set[str] = set()
        self._pattern: re.Pattern[str] | None = None
        self._keys: dict[str, str] = {}

    def register(self, secrets: Iterable[str]) -> None:
        """Add secret values, in the spellings in which they turn up (plain, escaped, percent-encoded)."""
        for secret in secrets:
            if len(secret) >= _SHORTEST_SECRET:
                self._secrets |= {secret, quote(secret, safe=""), quote(secret), repr(secret)[1:-1]}
                self._secrets |= {json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1]}
        self._keys.clear()
        # The longest first, so that a secret that contains another one goes as a whole.
        longest_first = sorted(self._secrets, key=lambda secret: (-len(secret), secret))
        self._pattern = re.compile("|".join(map(re.escape, longest_first))) if longest_first else None

    def clear(self) -> None:
        """Forget every registered secret."""
        self._secrets.clear()
        self._keys.clear()
        self._pattern = None

    def text(self, text: str) -> str:
        """Replace every secret in `text` with `***`."""
        # Most of what is logged is a short word or number, and every command waits for its lines.
        if len(text) < _SHORTEST_SECRET:
            return text
        if self._pattern is not None:
            text = self._pattern.sub(REDACTED, text)
        if len(text) >= _SHORTEST_CREDENTIAL:
            for shape in _CREDENTIAL_SHAPES:
                text = shape.sub(_SHOWN_OF_IT, text)
        return text

    def value(self, value: object) -> object:
        """Redact a log field of any type; what is not JSON-like becomes redacted text."""
        if isinstance(value, str):
            return self.text(value)
        if value is None or isinstance(value, bool):
            return value
        if isinstance(value, int | float):
            text = str(value)
            return value if self.text(text) == text else REDACTED
        if isinstance(value, Mapping):
            items = cast("Mapping[object, object]", value).items()
            return {self.text(str(key)): self.value(item) for key, item in items}
        if isinstance(value, list | tuple | set | frozenset):
            return [self.value(item) for item in cast("Iterable[object]", value)]
        return self.text(str(value) if isinstance(value, BaseException) else repr(value))

    def __call__(self, _logger: WrappedLogger, _method: str, event_dict: EventDict) -> EventDict:
        """Redact a whole log event (structlog's processor protocol)."""
        return {self._key(key): self.value(value) for key, value in event_dict.items()}

    def _key(self, key: str) -> str:
        """Redact a field's name; there are few, so what became of them is remembered."""
        known = self._keys.get(key)
        if known is None:
            known = self.text(key)
            if len(self._keys) < _MOST_KEYS:
                self._keys[key] = known
        return known


_redactor = Redactor()


def register_secrets(secrets: Iterable[str]) -> None:
    """Never show these values in the log again, from now on and in the whole process.

    Values shorter than 4 characters are left out: they occur by chance.
    """
    _redactor.register(secrets)


def redact(text: str) -> str:
    """Replace registered secrets in a text that goes to the operator by another way than the log."""
    return _redactor.text(text)


class _StderrHandler(logging.StreamHandler[TextIO]):
    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - the library's name
        """Say that a record could not be written; the library's own report would show its unredacted arguments."""
        error = sys.exc_info()[0]
        if isinstance(error, type) and issubclass(error, OSError):
            return  # the stream is gone, and so is the only place to say it
        name = error.__name__ if error else "error"
        self.stream.write(f"a log record of {record.name} (line {record.lineno}) could not be written: {name}\n")


def configure_logging(level: str = "info", line_format: LogFormat = "console", stream: TextIO | None = None) -> None:
    """Send structlog and the standard library's logging to one stream (default stderr).

    `level` is a level's lower-case name; some libraries stay at a higher one. May be called again; the last call holds.
    """
    threshold = logging.getLevelNamesMapping()[level.upper()]
    target = stream or sys.stderr
    # Shared by structlog's own and foreign records, so that both look the same.
    first: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
    ]
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *first,
            structlog.stdlib.PositionalArgumentsFormatter(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )
    handler = _StderrHandler(target)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=first,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,
                _redactor,
                *_renderers(line_format, colors=target.isatty()),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(threshold)
    for name, floor in _LIBRARY_LEVELS.items():
        logging.getLogger(name).setLevel(max(threshold, floor))
    reconnects = logging.getLogger("discord.client")
    if _shorten_reconnect not in reconnects.filters:
        reconnects.addFilter(_shorten_reconnect)
    logging.captureWarnings(capture=True)


def speak_plainly() -> None:
    """Hand what structlog is told to the standard library's logging, as plain text; nothing if structlog is set up.

    For a process whose logging is not ours to configure.
    """
    if structlog.is_configured():
        return
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            structlog.contextvars.merge_contextvars,
            structlog.processors.format_exc_info,
            _redactor,
            _as_text,
        ],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )


def _as_text(_logger: WrappedLogger, _method: str, event_dict: EventDict) -> str:
    event, exception = event_dict.pop("event", ""), event_dict.pop("exception", None)
    line = _CONTROL.sub(" ", " ".join([str(event), *(f"{key}={value!r}" for key, value in event_dict.items())]))
    return f"{line}\n{exception}" if exception else line


def _shorten_reconnect(record: logging.LogRecord) -> bool:
    """Cut the sixty lines of traceback that discord.py logs at every reconnect to the one that says why."""
    if record.exc_info and str(record.msg).startswith("Attempting a reconnect"):
        record.msg, record.args = f"{record.getMessage()} {record.exc_info[1]}", ()
        record.exc_info = None
    return True


def _renderers(line_format: LogFormat, *, colors: bool) -> list[Processor]:
    if line_format == "json":
        return [structlog.processors.JSONRenderer(ensure_ascii=False, sort_keys=True)]
    return [
        _escape_control_characters,
        structlog.dev.ConsoleRenderer(colors=colors, exception_formatter=structlog.dev.plain_traceback),
    ]


def _escape_control_characters(_logger: WrappedLogger, _method: str, event_dict: EventDict) -> EventDict:
    """Keep untrusted text from forging lines or steering the terminal; tracebacks keep their lines."""
    for key, value in event_dict.items():
        if isinstance(value, str) and key not in {"exception", "stack"}:
            event_dict[key] = _CONTROL.sub(lambda found: found[0].encode("unicode_escape").decode(), value)
    return event_dict
