"""What staff do about threads: start, rename, delete, and who is in them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bot.im import Lane
from bot.im.errors import Conflict, NotFound
from bot.services.deeds import Deed, Deeds, Kind, Sight, moved_on
from bot.services.model import Action, CaseView, Details, Place, Staff
from bot.services.refusals import NeedsConfirmation, Refusal
from bot.services.wording import one_line

if TYPE_CHECKING:
    from bot.im import IMClient
    from bot.services.directory import Directory
    from bot.services.mirrors import Mirrors
    from bot.services.thread_book import ThreadBook, ThreadInfo

LONGEST_NAME = 50


class Threads:
    """The operations on threads that commands, buttons and menus share."""

    def __init__(self, *, im: IMClient, directory: Directory, book: ThreadBook, mirrors: Mirrors, deeds: Deeds) -> None:
        self._im = im
        self._directory = directory
        self._book = book
        self._mirrors = mirrors
        self._deeds = deeds

    async def create(
        self, *, staff: Staff, guild_id: int, channel: str, message_id: str, name: str, owner: str
    ) -> CaseView:
        """Start a thread at a message for a member of its channel (002 创建子区).

        Raises Refusal for a voice channel, for a message that has a thread or is not in the channel, for a bad name.
        """
        found = await self._directory.channel(guild_id, channel)
        place = found.place
        if found.voice:
            raise Refusal("refusal-thread-voice", channel=place.channel_name)
        name = _name(name)
        message, mirror = await self._mirrors.meant(guild_id, message_id)
        if mirror is not None and mirror.place.channel_id != place.channel_id:
            raise Refusal("refusal-message-elsewhere", channel=place.channel_name, other=mirror.place.channel_name)
        owner_id = await self._directory.member_id(place, owner)
        details = {"name": name, "message_id": message, "said": "" if mirror is None else mirror.said}
        # A message has one thread, so two who start one there at the same time are after the same thing.
        subject = f"thread-of:{message}"
        async with self._deeds.turn(subject):
            try:
                deed = Deed(Action.THREAD_CREATE, subject, place, owner_id, details)
                return await self._deeds.do(deed, staff=staff, guild_id=guild_id)
            except Conflict:
                raise Refusal("refusal-thread-exists") from None
            except NotFound as error:
                if "user" in error.description:
                    self._directory.forget(place, owner_id)
                    raise Refusal("refusal-unknown-member", text=owner_id, channel=place.channel_name) from None
                raise Refusal("refusal-unknown-message", channel=place.channel_name) from None

    async def rename(self, *, staff: Staff, guild_id: int, thread: str, name: str) -> CaseView:
        """Give a thread another name (002 修改子区信息); raises Refusal if it has this one."""
        found = await self._book.find(guild_id, thread)
        name = _name(name)
        async with self._deeds.turn(_subject(found.thread_id)):
            now = await self._still_there(guild_id, found)
            if now.name == name:
                raise Refusal("refusal-thread-name-same", thread=name)
            return await self._deeds.do(_rename(now, name), staff=staff, guild_id=guild_id)

    async def delete(
        self, *, staff: Staff, guild_id: int, thread: str, confirmed: bool = False, called: str = ""
    ) -> CaseView:
        """Delete a thread for good (002 删除子区); `called` is the name by which it was confirmed.

        Raises Refusal for one of another name by now, NeedsConfirmation with what is about to go.
        """
        found = await self._book.find(guild_id, thread)
        if not confirmed:
            told = {"thread": found.label, "channel": found.place.channel_name, "owner": found.owner_id}
            meant = {"thread": found.thread_id, "called": found.label}
            raise NeedsConfirmation("confirm-thread-delete", meant=meant, **told)
        async with self._deeds.turn(_subject(found.thread_id)):
            now = await self._still_there(guild_id, found)
            if now.label != (called or found.label):
                raise Refusal("refusal-renamed", before=called or found.label, name=now.label)
            deed = Deed(Action.THREAD_DELETE, _subject(now.thread_id), now.place, now.owner_id, _details(now))
            return await self._deeds.do(deed, staff=staff, guild_id=guild_id)

    async def add(self, *, staff: Staff, guild_id: int, thread: str, member: str) -> CaseView:
        """Put a member of the channel into one of its threads (002 加入子区); raises Refusal if they are in it."""
        found = await self._book.find(guild_id, thread)
        member_id = await self._directory.member_id(found.place, member)
        deed = _membership(Action.THREAD_ADD, found.place, member_id, _details(found))
        async with self._deeds.turn(deed.subject):
            now = await self._still_there(guild_id, found)
            if await self._is_in(now, member_id):
                raise Refusal("refusal-thread-already-in", member=member_id, thread=now.label)
            return await self._deeds.do(deed, staff=staff, guild_id=guild_id)

    async def remove(self, *, staff: Staff, guild_id: int, thread: str, member: str) -> CaseView:
        """Take a member out of a thread (002 将成员移出子区); raises Refusal for its owner and for who is not in it."""
        found = await self._book.find(guild_id, thread)
        member_id = await self._directory.member_id(found.place, member, must_be_in=False)
        deed = _membership(Action.THREAD_REMOVE, found.place, member_id, _details(found))
        async with self._deeds.turn(deed.subject):
            now = await self._still_there(guild_id, found)
            if member_id == now.owner_id:
                raise Refusal("refusal-thread-owner", member=member_id, thread=now.label)
            if not await self._is_in(now, member_id):
                raise Refusal("refusal-thread-not-in", member=member_id, thread=now.label)
            return await self._deeds.do(deed, staff=staff, guild_id=guild_id)

    async def _still_there(self, guild_id: int, found: ThreadInfo) -> ThreadInfo:
        now = await self._book.read(guild_id, found.thread_id)
        if now is None:
            self._book.forget(found.place.channel_id)
            raise Refusal("refusal-unknown-thread", text=found.label)
        return now

    async def _is_in(self, thread: ThreadInfo, member_id: str) -> bool:
        with self._im.lane(Lane.URGENT):
            return await _is_in(self._im, thread.place.channel_id, thread.thread_id, member_id)


def kinds(im: IMClient, book: ThreadBook) -> dict[Action, Kind]:
    """Return how what is done about threads is carried out, found and taken back; `book` is told what has changed."""
    return {
        Action.THREAD_CREATE: _Create(im, book),
        Action.THREAD_RENAME: _Rename(im, book),
        Action.THREAD_DELETE: _Delete(im, book),
        Action.THREAD_ADD: _Add(im),
        Action.THREAD_REMOVE: _Remove(im),
    }


class _Create:
    def __init__(self, im: IMClient, book: ThreadBook) -> None:
        self._im = im
        self._book = book

    async def carry_out(self, deed: Deed) -> Details:
        wanted = deed.details
        place = deed.place
        started = await self._im.threads.create(place.channel_id, wanted["message_id"], deed.member_id, wanted["name"])
        self._book.forget(place.channel_id)
        return {"thread_id": started}

    async def look(self, deed: Deed) -> Sight:
        try:
            async for thread in self._im.threads.created(deed.place.channel_id, deed.member_id):
                if thread.message_id == deed.details["message_id"]:
                    return Sight.DONE
        except NotFound:
            pass
        return Sight.ABSENT

    async def taking_back(self, done: CaseView) -> Deed:
        # Deleting a thread is a decision of its own: what people wrote in it would be gone for good.
        raise moved_on(done)


class _Rename:
    def __init__(self, im: IMClient, book: ThreadBook) -> None:
        self._im = im
        self._book = book

    async def carry_out(self, deed: Deed) -> Details:
        await self._im.threads.rename(deed.details["thread_id"], deed.details["name"])
        self._book.forget(deed.place.channel_id)
        return {}

    async def look(self, deed: Deed) -> Sight:
        try:
            now = (await self._im.threads.get(deed.details["thread_id"])).name
        except NotFound:
            return Sight.UNKNOWN
        if now and now == deed.details["name"]:
            return Sight.DONE
        return Sight.ABSENT if now and now == deed.details["before"] else Sight.UNKNOWN

    async def taking_back(self, done: CaseView) -> Deed:
        if not done.details["before"]:
            raise Refusal("refusal-thread-name-unknown", case=done.id)
        try:
            now = await self._im.threads.get(done.details["thread_id"])
        except NotFound:
            raise moved_on(done) from None
        if now.name != done.details["name"]:
            raise moved_on(done)
        details = dict(done.details) | {"name": done.details["before"], "before": now.name}
        return Deed(Action.THREAD_RENAME, _subject(now.thread_id), done.place, done.member_id, details)


class _Delete:
    def __init__(self, im: IMClient, book: ThreadBook) -> None:
        self._im = im
        self._book = book

    async def carry_out(self, deed: Deed) -> Details:
        await self._im.threads.delete(deed.details["thread_id"])
        self._book.forget(deed.place.channel_id)
        return {}

    async def look(self, deed: Deed) -> Sight:
        try:
            await self._im.threads.get(deed.details["thread_id"])
        except NotFound:
            return Sight.DONE
        return Sight.ABSENT

    async def taking_back(self, done: CaseView) -> Deed:
        # What was written in it is gone with it.
        raise moved_on(done)


class _Add:
    def __init__(self, im: IMClient) -> None:
        self._im = im

    async def carry_out(self, deed: Deed) -> Details:
        await self._im.threads.add(deed.details["thread_id"], deed.member_id)
        return {}

    async def look(self, deed: Deed) -> Sight:
        return Sight.DONE if await _holds(self._im, deed) else Sight.ABSENT

    async def taking_back(self, done: CaseView) -> Deed:
        if not await _holds(self._im, done):
            raise moved_on(done)
        return _membership(Action.THREAD_REMOVE, done.place, done.member_id, done.details)


class _Remove:
    def __init__(self, im: IMClient) -> None:
        self._im = im

    async def carry_out(self, deed: Deed) -> Details:
        await self._im.threads.remove(deed.details["thread_id"], deed.member_id)
        return {}

    async def look(self, deed: Deed) -> Sight:
        return Sight.ABSENT if await _holds(self._im, deed) else Sight.DONE

    async def taking_back(self, done: CaseView) -> Deed:
        try:
            await self._im.threads.get(done.details["thread_id"])
        except NotFound:
            raise moved_on(done) from None
        if await _holds(self._im, done):
            raise moved_on(done)
        return _membership(Action.THREAD_ADD, done.place, done.member_id, done.details)


async def _holds(im: IMClient, about: Deed | CaseView) -> bool:
    return await _is_in(im, about.place.channel_id, about.details["thread_id"], about.member_id)


async def _is_in(im: IMClient, channel_id: str, thread_id: str, member_id: str) -> bool:
    try:
        async for thread in im.threads.joined(channel_id, member_id):
            if thread.thread_id == thread_id:
                return True
    except NotFound:
        pass
    return False


def _name(text: str) -> str:
    name = one_line(text)
    if not 1 <= len(name) <= LONGEST_NAME:
        raise Refusal("refusal-thread-name")
    return name


def _subject(thread_id: str) -> str:
    return f"thread:{thread_id}"


def _details(thread: ThreadInfo) -> dict[str, Any]:
    return {"thread_id": thread.thread_id, "name": thread.name}


def _rename(thread: ThreadInfo, name: str) -> Deed:
    details = {"thread_id": thread.thread_id, "name": name, "before": thread.name}
    return Deed(Action.THREAD_RENAME, _subject(thread.thread_id), thread.place, thread.owner_id, details)


def _membership(action: Action, place: Place, member_id: str, about: Details) -> Deed:
    thread_id: str = about["thread_id"]
    details = {"thread_id": thread_id, "name": about["name"]}
    return Deed(action, f"thread:{thread_id}:{member_id}", place, member_id, details)
