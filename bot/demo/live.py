"""SimCord's browser pages, kept up to date while nobody presses anything.

SimCord publishes a page after an action on it. In the demo the bot also acts by itself: a mute ends, a log message is
edited, and `in 40 seconds` becomes `in 35 seconds`. See `realtime.py` about what is taken from inside SimCord.
"""

# ruff: noqa: SLF001 - see above
# pyright: reportPrivateUsage=false

import asyncio
import contextlib
import json
import re
from collections.abc import AsyncGenerator, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, cast
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import simcord
from simcord.actors import MemberActor
from simcord.builders import ChannelHandle
from simcord.preview import Preview, make_preview
from simcord.preview._markdown import _FIELD_POLICIES

_PUBLISH_SECONDS: Final = 1.0
_LOOK_SECONDS: Final = 0.1
# As in Discord; SimCord shows them as `<@1>`.
_WITH_MENTIONS: Final = ("embed_description", "embed_field_value")
_RELATIVE: Final = re.compile(r"<t:(\d+):R>")


class Pages:
    """The demo's browser pages, one for each Discord channel that is shown."""

    def __init__(self, env: simcord.Env) -> None:
        self._env = env
        self._turn = asyncio.Lock()
        self._previews: list[Preview] = []
        self._dirty = True
        env.backend.subscribers.append(self._note)
        for field in _WITH_MENTIONS:
            _FIELD_POLICIES[field]["mentions"] = True

    async def open(self, channel: ChannelHandle, viewers: Sequence[MemberActor], port: int) -> Preview:
        """Serve a page that shows a channel to the viewers, at a port of 127.0.0.1 (0: a free one).

        Raises simcord's SetupError, whose cause is an OSError, if the port cannot be had.
        """
        # SimCord allows one page a world, since actions on two could overlap. Here they take turns.
        self._env._preview = None
        preview = make_preview(
            self._env,
            channel,
            viewers=viewers,
            layout="channel",
            display="responsive",
            width=960,
            height=720,
            locale="en-US",
            timezone=machine_time_zone(),
            presentation_time=None,
            assets=None,
            sku_presentations=None,
            port=port,
        )
        self._take_turns(preview)
        self._let_age(preview)
        await preview.__aenter__()
        self._previews.append(preview)
        return preview

    async def close(self) -> None:
        """Stop serving; harmless when a page was ended from the browser."""
        for preview in self._previews:
            await preview.close()

    @contextlib.asynccontextmanager
    async def kept_up_to_date(self) -> AsyncGenerator[None]:
        """Publish what changes, and the passing of time, while the context lasts."""
        publishing = asyncio.create_task(self._publish_for_ever(), name="demo pages")
        try:
            yield
        finally:
            publishing.cancel()
            await asyncio.gather(publishing, return_exceptions=True)

    def _note(self, event: str, payload: Mapping[str, Any]) -> None:
        _ = payload
        self._dirty = self._dirty or event.startswith("MESSAGE_")

    def _take_turns(self, preview: Preview) -> None:
        act = preview._action

        async def act_in_turn(context_id: str | None, body: Any) -> dict[str, Any]:
            async with self._turn:
                return await act(context_id, _brought_up_to_date(preview, context_id, body))

        preview._action = act_in_turn

    def _let_age(self, preview: Preview) -> None:
        """Let relative timestamps that are published go with the time."""
        publish = preview._publish

        def publish_with_age(page: Any, *, reason: Any = "action") -> None:
            publish(page, reason=reason)
            messages = self._env.backend.messages.get(page.channel_id, {})
            now = self._env.now().timestamp()
            # The page draws a message again when something in it is different.
            for number, shown in page.snapshot.get("messages", {}).items():
                message = messages.get(int(number))
                shown["age"] = list(_ages(json.dumps(message.embeds), now)) if message is not None else []

        preview._publish = publish_with_age

    async def _publish_for_ever(self) -> None:
        loop = asyncio.get_running_loop()
        published_at = loop.time()
        while True:
            await asyncio.sleep(_LOOK_SECONDS)
            if not self._dirty and loop.time() - published_at < _PUBLISH_SECONDS:
                continue
            # An action in progress publishes what it changes itself.
            async with self._turn:
                self._dirty = False
                published_at = loop.time()
                for preview in self._previews:
                    _publish(preview)


def machine_time_zone() -> str:
    """Return the IANA name of the machine's time zone, UTC if it cannot be told."""
    _, _, name = str(Path("/etc/localtime").resolve()).rpartition("zoneinfo/")
    try:
        return ZoneInfo(name).key
    except (ValueError, OSError, ZoneInfoNotFoundError):
        return "UTC"


def _publish(preview: Preview) -> None:
    preview._advance_presentation_time()
    for page in tuple(preview._pages.values()):
        if page.id != "python":
            preview._publish(page, reason="refresh")


def _ages(text: str, now: float) -> Iterator[int]:
    """Yield numbers that change when a relative timestamp in the text should read differently.

    Near the moment every 5 s, not every second: a button that is drawn again under a finger misses its press.
    """
    for moment in _RELATIVE.findall(text):
        distance = int(moment) - now
        size = 5 if abs(distance) < 60 else 60 if abs(distance) < 3600 else 3600
        yield int(distance // size)


def _brought_up_to_date(preview: Preview, context_id: str | None, body: Any) -> Any:
    """Let a new action pass that was begun on what the page showed a moment ago.

    SimCord refuses it as stale. Here the page changes every second, and what the action is about, a command or a button
    of a message, is looked up anyhow.
    """
    page = preview._pages.get(context_id or "")
    if page is None or not isinstance(body, dict):
        return body
    told = cast("dict[str, Any]", body)
    seen = told.get("published_revision")
    if told.get("sequence") != page.last_sequence + 1 or not isinstance(seen, int) or seen >= page.revision:
        return told
    return {**told, "published_revision": page.revision}
