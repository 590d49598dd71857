"""The commands of design section 9, as data: names, options (`*` = required), levels, fixed choices."""

from bot.services.access import Level

M, A = Level.MODERATOR, Level.ADMIN

COMMANDS: dict[str, tuple[Level, str]] = {
    "mute": (M, "member* channel* duration reason"),
    "unmute": (M, "member* channel* reason"),
    "muted": (M, "channel*"),
    "history": (M, "member*"),
    "undo": (M, "case"),
    "channel list": (M, "visibility community"),
    "channel created": (M, "member* community"),
    "channel joined": (M, "member* community"),
    "channel show": (M, "channel*"),
    "channel create": (A, "name* type mode max_users description category community"),
    "channel edit": (A, "channel*"),
    "channel delete": (A, "channel*"),
    "channel say": (M, "channel* text*"),
    "member list": (M, "channel*"),
    "member show": (M, "channel* member*"),
    "member add": (M, "channel* member* reason"),
    "member remove": (M, "channel* member* reason"),
    "member purge": (A, "channel* members* reason"),
    "thread create": (M, "channel* message_id* name* owner*"),
    "thread list": (M, "channel* scope member"),
    "thread show": (M, "thread*"),
    "thread rename": (M, "thread* name*"),
    "thread delete": (M, "thread*"),
    "thread add": (M, "thread* member*"),
    "thread remove": (M, "thread* member*"),
    "reaction add": (M, "message_id* emoji* member*"),
    "reaction remove": (M, "message_id* emoji* member*"),
    "reaction list": (M, "message_id* channel* member*"),
    "friend add": (A, "owner* friend*"),
    "friend remove": (A, "owner* friend*"),
    "friend remark": (A, "owner* friend* remark*"),
    "friend list": (A, "owner*"),
    "block add": (A, "owner* members*"),
    "block remove": (A, "owner* member*"),
    "block list": (A, "owner*"),
    "collection list": (A, "owner* type since until"),
    "collection add": (A, "owner* data* type* ext"),
    "collection import": (A, "owner* file*"),
    "collection edit": (A, "owner* collection* ext"),
    "collection delete": (A, "owner* collections*"),
    "collection export": (A, "owner*"),
    "collection cleanup": (A, "older_than* owner channel community type keep"),
    "collection restore": (A, "run*"),
    "policy add": (A, "older_than* schedule* timezone owner channel community type keep"),
    "policy list": (A, ""),
    "policy pause": (A, "policy*"),
    "policy remove": (A, "policy*"),
    "case show": (M, "case*"),
    "case reason": (M, "case* reason*"),
    "case list": (M, "member staff action since"),
    "case export": (A, "format since"),
    "job list": (A, ""),
    "job run": (A, "job*"),
    "job cancel": (A, "job*"),
    "settings show": (A, ""),
    "settings community": (A, "community*"),
    "settings log": (A, "channel*"),
    "settings roles": (A, "level* role*"),
    "settings duration": (A, "duration*"),
    "settings language": (A, "language*"),
    "settings oncall": (A, "role*"),
    "status": (M, ""),
}

CHOICES: dict[tuple[str, str], list[str]] = {
    ("channel list", "visibility"): ["all", "public", "private"],
    ("channel create", "type"): ["public", "private"],
    ("channel create", "mode"): ["text", "voice"],
    ("thread list", "scope"): ["all", "created", "joined"],
    ("case export", "format"): ["csv", "jsonl"],
    ("settings roles", "level"): ["moderator", "admin"],
    ("settings language", "language"): ["en-US", "zh-CN"],
}
"""Options whose choices the design fixes, by their values."""

MENUS = {"Mute author", "History", "Start thread"}

COMPLETED = {
    "case", "category", "channel", "collection", "collections", "community", "friend", "job", "member", "members",
    "owner", "policy", "run", "thread",
}  # fmt: skip
"""Options that name something that can be looked up: each has autocomplete."""
