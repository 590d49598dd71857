# Settings and status.
settings-community-set = ✅ This server now looks after **{ $community }**.
settings-log-set = ✅ Every case is now shown in { $channel }.
permission-view-channel = View Channel
permission-send-messages = Send Messages
permission-embed-links = Embed Links

status-title = Circle Warden
status-im-ok = 🟢 IM ({ $kind })
status-im-quick = 🟢 IM ({ $kind }) · { $count } ms
status-im-down = 🔴 IM ({ $kind }): { $why }
status-database-ok = 🟢 Database
status-database-down = 🔴 Database
status-community = 🟢 Community **{ $community }**
status-no-community = 🟡 No community: choose one with `/settings community`
status-log = 🟢 Log in { $channel }
status-no-log = ⚪ No log: choose a channel with `/settings log`
log-problem = 🟡 The log channel does not work: { $why }
log-problem-forbidden = 🟡 I may not write in the log channel. Allow it there, or choose another with `/settings log`.
log-problem-gone = 🟡 The log channel is gone. Choose another with `/settings log`.
status-mutes = { $count ->
    [0] No mutes in force
    [one] **{ $count }** mute in force
   *[other] **{ $count }** mutes in force
}
status-stuck = { $count ->
    [one] ⚠️ **{ $count }** is due and cannot be lifted
   *[other] ⚠️ **{ $count }** are due and cannot be lifted
}
status-lag = ⏱️ The oldest is due for { $duration }
status-checked = { $count ->
    [0] Compared with the IM { $when }: all the same
    [one] Compared with the IM { $when }: { $count } difference settled
   *[other] Compared with the IM { $when }: { $count } differences settled
}
status-since = Running since { $when }
