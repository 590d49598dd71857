"""Registered application commands, and how a user's input becomes interaction data."""

import asyncio
import copy
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tests.wire import components, payloads
from tests.wire.errors import UsageError, unknown_command
from tests.wire.model import Channel, Guild, Member, Message, Role, Upload
from tests.wire.world import World

Json = dict[str, Any]
CHAT, ON_USER, ON_MESSAGE = 1, 2, 3
SUBCOMMAND, GROUP, STRING, INTEGER, BOOLEAN, USER, CHANNEL, ROLE, MENTIONABLE, NUMBER, ATTACHMENT = range(1, 12)
_RESOLVED_AS = {
    USER: "users",
    CHANNEL: "channels",
    ROLE: "roles",
    MENTIONABLE: "mentionables",
    ATTACHMENT: "attachments",
}
_ENTITY_SELECTS = {
    components.USER_SELECT: USER,
    components.CHANNEL_SELECT: CHANNEL,
    components.ROLE_SELECT: ROLE,
    components.MENTIONABLE_SELECT: MENTIONABLE,
}


@dataclass(frozen=True, slots=True)
class SyncCall:
    """One bulk registration: of which guild (None = global) and of which names."""

    guild_id: int | None
    names: tuple[str, ...]


class CommandBook:
    """The commands of the application, global and by guild; it survives the bot's restarts."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._scopes: dict[int | None, dict[str, Json]] = {}
        self.sync_calls: list[SyncCall] = []
        self._changed = asyncio.Event()

    def replace(self, guild_id: int | None, commands: list[Json]) -> list[Json]:
        """Register all commands of one scope; a command that kept its type and name keeps its id."""
        former = {(one["type"], one["name"]): one["id"] for one in self._scopes.get(guild_id, {}).values()}
        stored = [self._stored(one, guild_id, former.get((one.get("type", CHAT), one["name"]))) for one in commands]
        self._scopes[guild_id] = {one["id"]: one for one in stored}
        self.sync_calls.append(SyncCall(guild_id, tuple(one["name"] for one in stored)))
        self._changed.set()
        self._changed = asyncio.Event()
        return stored

    async def changed(self) -> None:
        """Wait for the next bulk registration."""
        await self._changed.wait()

    def upsert(self, guild_id: int | None, command: Json) -> Json:
        """Register one command beside the others of its scope."""
        scope = self._scopes.setdefault(guild_id, {})
        same = (command.get("type", CHAT), command["name"])
        former = next((one["id"] for one in scope.values() if (one["type"], one["name"]) == same), None)
        stored = self._stored(command, guild_id, former)
        scope[stored["id"]] = stored
        return stored

    def delete(self, guild_id: int | None, command_id: str) -> None:
        """Take one command away; raises ApiError 10063."""
        if self._scopes.get(guild_id, {}).pop(command_id, None) is None:
            raise unknown_command()

    def get(self, guild_id: int | None, command_id: str) -> Json:
        """One command; raises ApiError 10063."""
        command = self._scopes.get(guild_id, {}).get(command_id)
        if command is None:
            raise unknown_command()
        return command

    def list(self, guild_id: int | None = None) -> "list[Json]":
        """The commands of one scope."""
        return list(self._scopes.get(guild_id, {}).values())

    def find(self, guild: Guild, name: str, kind: int = CHAT) -> Json:
        """The command a user of the guild sees under this name; raises UsageError."""
        for scope in (guild.id, None):
            for command in self._scopes.get(scope, {}).values():
                if command["type"] == kind and command["name"] == name:
                    return command
        raise UsageError(f"no command {name!r} (type {kind}) is registered in guild {guild.name!r}")

    def _stored(self, command: Json, guild_id: int | None, former_id: str | None) -> Json:
        permissions = command.get("default_member_permissions")
        stored: Json = {
            "type": CHAT,
            "description": "",
            "contexts": None,
            "integration_types": [0],
            "nsfw": False,
            **{key: value for key, value in copy.deepcopy(command).items() if value is not None},
            "id": former_id or str(self._world.ids.next()),
            "application_id": str(self._world.application_id),
            "version": str(self._world.ids.next()),
            "default_member_permissions": None if permissions is None else str(permissions),
        }
        if guild_id is not None:
            stored["guild_id"] = str(guild_id)
        return stored


@dataclass(frozen=True, slots=True)
class Focus:
    """The option being typed in an autocomplete."""

    name: str
    value: str


class InputResolver:
    """Turns option values as a test writes them into interaction data, refusing what Discord's client would refuse."""

    def __init__(self, world: World, guild: Guild, channel: Channel) -> None:
        self._world = world
        self._guild = guild
        self._channel = channel
        self._resolved: dict[str, Json] = {}

    def slash(self, command: Json, path: list[str], values: Mapping[str, Any], focus: Focus | None = None) -> Json:
        """Data of a slash command, or of an autocomplete if `focus` is given; raises UsageError."""
        declared, wrap = _descend(command, path)
        options = [*self._options(" ".join([command["name"], *path]), declared, values, focus)]
        return self._data(command, options=wrap(options))

    def context_menu(self, command: Json, target: Member | Message) -> Json:
        """Data of a user or message command."""
        if isinstance(target, Member):
            self._add_user(target)
        else:
            self._resolved.setdefault("messages", {})[str(target.id)] = payloads.message(target)
        return self._data(command, target_id=str(target.id))

    def entity(self, kind: int, value: Any) -> str:
        """The id of a user, channel, role or file given as object, id or name; remembers it under `resolved`."""
        if kind == ATTACHMENT:
            return self._attachment(value)
        found = self._find(kind, value)
        if isinstance(found, Member):
            self._add_user(found)
        elif isinstance(found, Channel):
            self._resolved.setdefault("channels", {})[str(found.id)] = payloads.resolved_channel(found)
        else:
            self._resolved.setdefault("roles", {})[str(found.id)] = payloads.role(found)
        return str(found.id)

    def choose(self, menu: Json, values: Sequence[Any]) -> "list[str]":
        """The values of a select menu as Discord's client would send them; raises UsageError."""
        low, high = menu.get("min_values", 1), menu.get("max_values", 1)
        if not low <= len(values) <= high:
            raise UsageError(f"{menu['custom_id']!r} takes {low} to {high} values")
        if menu["type"] in _ENTITY_SELECTS:
            return [self.entity(_ENTITY_SELECTS[menu["type"]], value) for value in values]
        known = [one["value"] for one in menu["options"]]
        unknown = [value for value in values if value not in known]
        if unknown:
            raise UsageError(f"{menu['custom_id']!r} has no option {unknown}; it has {known}")
        return list(values)

    @property
    def resolved(self) -> dict[str, Json]:
        """What the ids in the data stand for."""
        return self._resolved

    def _data(self, command: Json, **more: Any) -> Json:
        data: Json = {"id": command["id"], "name": command["name"], "type": command["type"], **more}
        if self._resolved:
            data["resolved"] = self._resolved
        if "guild_id" in command:
            data["guild_id"] = command["guild_id"]
        return data

    def _options(
        self, shown: str, declared: list[Json], values: Mapping[str, Any], focus: Focus | None
    ) -> Iterator[Json]:
        names = {one["name"] for one in declared}
        asked = {*values, focus.name} if focus else set(values)
        unknown = asked - names
        if unknown:
            raise UsageError(f"/{shown} has no option {sorted(unknown)}; it has {sorted(names)}")
        for option in declared:
            name, kind = option["name"], option["type"]
            if focus is not None and name == focus.name:
                if not option.get("autocomplete"):
                    raise UsageError(f"/{shown}: option {name!r} has no autocomplete")
                yield {"name": name, "type": kind, "value": focus.value, "focused": True}
            elif name in values and values[name] is not None:
                value = self._value(f"/{shown} {name}", option, values[name], check=focus is None)
                yield {"name": name, "type": kind, "value": value}
            elif option.get("required") and focus is None:
                raise UsageError(f"/{shown}: option {name!r} is required")

    def _value(self, where: str, option: Json, value: Any, *, check: bool) -> Any:
        kind = option["type"]
        if kind in _RESOLVED_AS:
            found = self.entity(kind, value)
            self._check_channel_type(where, option, found)
            return found
        wanted = {STRING: str, INTEGER: int, BOOLEAN: bool, NUMBER: (int, float)}[kind]
        if not isinstance(value, wanted) or (isinstance(value, bool) and kind != BOOLEAN):
            raise UsageError(f"{where}: {value!r} has the wrong type")
        choices = option.get("choices")
        if choices:
            return _choice(where, choices, value)
        if check:
            _check_range(where, option, value)
        return value

    def _check_channel_type(self, where: str, option: Json, channel_id: str) -> None:
        allowed = option.get("channel_types")
        if option["type"] == CHANNEL and allowed and self._guild.channels[int(channel_id)].type not in allowed:
            raise UsageError(f"{where}: this kind of channel cannot be chosen")

    def _find(self, kind: int, value: Any) -> Member | Channel | Role:
        pools: dict[int, list[Any]] = {
            USER: [*self._guild.members.values()],
            CHANNEL: [one for one in self._guild.channels.values() if not one.deleted],
            ROLE: [*self._guild.roles.values()],
        }
        pools[MENTIONABLE] = pools[USER] + pools[ROLE]
        for one in pools[kind]:
            if one is value or value in {one.id, str(one.id), one.name}:
                return one
        raise UsageError(f"guild {self._guild.name!r} has no {_RESOLVED_AS[kind][:-1]} {value!r}")

    def _add_user(self, member: Member) -> None:
        self._resolved.setdefault("users", {})[str(member.id)] = payloads.user(member.user)
        self._resolved.setdefault("members", {})[str(member.id)] = payloads.partial_member(member) | {
            "permissions": str(member.permissions)
        }

    def _attachment(self, value: Any) -> str:
        if not isinstance(value, Upload):
            raise UsageError(f"a file is given as tests.wire.Upload, not as {type(value).__name__}")
        stored = self._world.store_file(value, self._channel)
        self._resolved.setdefault("attachments", {})[str(stored.id)] = payloads.attachment(stored, ephemeral=True)
        return str(stored.id)


def _descend(command: Json, path: list[str]) -> tuple[list[Json], Any]:
    """The declared options at the end of a subcommand path, and a function that nests given options back."""
    node, chain = command, []
    for word in path:
        node = next(
            (one for one in node.get("options", ()) if one["name"] == word and one["type"] in {SUBCOMMAND, GROUP}), None
        )
        if node is None:
            raise UsageError(f"/{command['name']} has no subcommand {' '.join(path)!r}")
        chain.append(node)
    declared = node.get("options", [])
    if any(one["type"] in {SUBCOMMAND, GROUP} for one in declared):
        raise UsageError(f"/{' '.join([command['name'], *path])} needs one of {[one['name'] for one in declared]}")

    def wrap(options: list[Json]) -> list[Json]:
        for step in reversed(chain):
            options = [{"name": step["name"], "type": step["type"], "options": options}]
        return options

    return declared, wrap


def _choice(where: str, choices: list[Json], value: Any) -> Any:
    for one in choices:
        if value in (one["value"], one["name"]):
            return one["value"]
    raise UsageError(f"{where}: {value!r} is none of the choices {[one['value'] for one in choices]}")


def _check_range(where: str, option: Json, value: Any) -> None:
    size = len(value) if isinstance(value, str) else value
    low = option.get("min_length" if isinstance(value, str) else "min_value")
    high = option.get("max_length" if isinstance(value, str) else "max_value")
    if (low is not None and size < low) or (high is not None and size > high):
        raise UsageError(f"{where}: {value!r} is outside {low}..{high}")
