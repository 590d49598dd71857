# Settings and status.
setting-changed = { $setting ->
    [feed] Feed changed
    [rota] Weekly rota changed
    [handover] Hand-over changed
    [community] Community chosen
    [log] Log channel changed
    [duration] Usual duration changed
    [language] Language changed
    [oncall] On-call role changed
    [moderator] Moderators changed
   *[admin] Administrators changed
}
setting-change = { $setting ->
    [feed] change the feed
    [rota] change the weekly rota
    [handover] change the hand-over
    [community] choose the community
    [log] change the log channel
    [duration] change the usual duration
    [language] change the language
    [oncall] change the on-call role
    [moderator] change who is a moderator
   *[admin] change who is an administrator
}
setting-now = { $setting ->
    [feed] ✅ What is said in the IM is now shown in { $value }.
    [rota] ✅ On duty: { $value }
    [handover] ✅ A day's duty now begins at { $value }.
    [community] ✅ This server now looks after **{ $value }**.
    [log] ✅ Every case is now shown in { $value }.
    [duration] ✅ A mute without a duration now lasts { $value }.
    [language] ✅ What everybody reads, such as the log, is now in { $value }.
   *[oncall] ✅ Alerts now call { $value }.
}
setting-none = { $setting ->
    [feed] No channel shows what is said in the IM.
    [rota] Nobody has a day of duty.
    [handover] A day's duty begins as usual.
    [community] No community is chosen.
    [log] No channel shows the cases.
    [language] The bot's own language holds.
   *[oncall] Alerts call nobody.
}
setting-to = { $setting ->
    [feed] **Channel** { $value }
    [rota] **Duty** { $value }
    [handover] **From** { $value }
    [community] **Community** { $value }
    [log] **Channel** { $value }
    [duration] **Duration** { $value }
    [language] **Language** { $value }
   *[oncall] **Role** { $value }
}
setting-before = **Before** { $value }
setting-role-given = { $setting ->
    [moderator] ➕ { $role } may give the commands of moderators.
   *[admin] ➕ { $role } may give all commands.
}
setting-role-away = { $setting ->
    [moderator] ➖ { $role } is no role of moderators any more.
   *[admin] ➖ { $role } is no role of administrators any more.
}
refusal-same-setting = That is set already. Nothing was changed.
refusal-everyone = @everyone cannot be chosen here. Choose a role that only the people you mean have.
refusal-role-configured = { $role } may do that already: the configuration of the bot says so.
refusal-role-gone = { $role } was taken off already. Nothing was changed.
refusal-duration-usual-permanent = A mute without a duration should end by itself: choose one such as 10m or 1h.
confirm-role-away = { $level ->
    [moderator] { $role } is a role of moderators already. Take it off?
   *[admin] { $role } is a role of administrators already. Take it off?
}
settings-role-hidden = ℹ️ Discord shows these commands only to people with { $permission }. Let { $role } see them: Server Settings > Integrations > this bot.
settings-oncall-silent = ℹ️ { $role } gets no notification yet. In the role's settings, allow anyone to @mention it.

settings-title = ⚙️ Settings of this server
settings-row = { $setting ->
    [feed] 💬 **Feed** { $value }
    [rota] 🗓️ **Rota** { $value }
    [community] 🏘️ **Community** { $value }
    [log] 📜 **Log** { $value }
    [duration] ⏱️ **Usual duration** { $value }
    [language] 🌐 **Language** { $value }
    [oncall] 🚨 **On call** { $value }
    [moderator] 🛡️ **Moderators** { $value }
   *[admin] 👑 **Administrators** { $value }
}
settings-default = { $value } (default)
settings-community-none = not chosen
settings-log-none = none
settings-oncall-none = nobody
settings-granted = who has { $permission }
settings-feed-none = none
settings-rota-none = none
settings-rota-gap = nobody today, until { $until }
settings-rota-now = { $who } until { $until }
settings-below = **Change…** below
settings-change = Change…
settings-option = { $setting ->
    [log] 📜 Log channel
    [feed] 💬 Feed channel
    [oncall] 🚨 On-call role
    [rota] 🗓️ Weekly rota
   *[language] 🌐 Language
}
settings-pick = { $setting ->
    [log] 📜 Which channel shows every case and alert?
    [feed] 💬 Which channel shows what is said in the IM?
    [oncall] 🚨 Which role do alerts call?
   *[language] 🌐 In which language is what everybody reads?
}
settings-none = { $setting ->
    [log] No log
    [feed] No feed
   *[oncall] No role
}
settings-back = Settings
settings-language-own = The bot's own language
rota-open = Weekly rota…
rota-title = 🗓️ Who is on duty
rota-day = { $day ->
    [0] Mon
    [1] Tue
    [2] Wed
    [3] Thu
    [4] Fri
    [5] Sat
   *[6] Sun
}
rota-line = **{ $day }** { $who }
rota-nobody = nobody
rota-now = **Now** { $who } until { $until }
rota-line-handover = **A day begins at** { $time } · { $zone }
rota-days = Choose days…
rota-who = Who takes { $days }?
rota-free = Nobody then
rota-handover = Hand-over…
rota-clear = Clear all
rota-form-title = Hand-over
rota-form-time = Time of day, such as 09:00
rota-form-zone = Time zone
rota-form-zone-hint = A city will do: Berlin, Shanghai. Empty: UTC.
refusal-rota-bot = A bot cannot be on duty. Choose a person.
refusal-rota-stranger = { $member } is not in this server. Choose somebody who is.
refusal-rota-powerless = { $member } is no moderator here and could not answer an alert. Choose a moderator, or let their role be one: `/settings roles`.
rota-unseen = ℹ️ { $member } cannot see { $channel }, where alerts are shown, so no alert reaches them. Allow them View Channel there.
refusal-handover = “{ $text }” is no time of day. Write one such as 09:00.
refusal-handover-zone = I know no time zone “{ $text }”. Write a city of it, such as Shanghai or Berlin.
refusal-channel-unseen = I cannot see that channel. Allow me View Channel there, or choose another.
language-english = English
language-chinese = 简体中文
permission-moderate-members = Timeout Members
permission-manage-guild = Manage Server
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
status-lag = ⏱️ The oldest is overdue by { $duration }
status-checked = { $count ->
    [0] Compared with the IM { $when }: all the same
    [one] Compared with the IM { $when }: { $count } difference settled
   *[other] Compared with the IM { $when }: { $count } differences settled
}
status-unchecked = { $count ->
    [one] ⚠️ Not compared with the IM { $when }: { $count } channel could not be read
   *[other] ⚠️ Not compared with the IM { $when }: { $count } channels could not be read
}
status-since = Running since { $when }
