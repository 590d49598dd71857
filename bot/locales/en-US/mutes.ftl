# Mutes: the case card, its buttons, what is said about cases.
case-number = Case #{ $case }

case-title-muting = ⏳ Muting { $member } · #{ $channel }
case-title-extending = ⏳ Changing the mute of { $member } · #{ $channel }
case-title-unmuting = ⏳ Lifting the mute of { $member } · #{ $channel }
case-title-muted = 🔇 Muted { $member } · #{ $channel }
case-title-extended = 🔇 Mute changed: { $member } · #{ $channel }
case-title-unmuted = 🔊 Unmuted { $member } · #{ $channel }
case-title-mute-failed = ⚠️ Not muted: { $member } · #{ $channel }
case-title-extend-failed = ⚠️ Mute not changed: { $member } · #{ $channel }
case-title-unmute-failed = ⚠️ Not unmuted: { $member } · #{ $channel }
case-title-ended = 🔊 Mute over: { $member } · #{ $channel }
case-title-lifted = 🔊 Mute lifted: { $member } · #{ $channel }
case-title-outside = 🔊 Mute ended outside: { $member } · #{ $channel }
case-title-replaced = 🔁 Mute replaced: { $member } · #{ $channel }
case-title-gone = 🔊 Mute gone with its channel: { $member } · #{ $channel }
case-title-left = 🔊 Mute over, no longer in the channel: { $member } · #{ $channel }
case-title-undone = ↩️ Undone: { $member } · #{ $channel }

case-line-until = **Until** { $until }
case-line-permanent = **Until** somebody lifts it
case-line-starting = Waiting for the IM
case-line-for = **For** { $duration }
case-line-reason = **Reason** { $reason }
case-line-by = **By** { $staff }
case-line-undoes = **Undoes** case #{ $case }
case-line-ended = **Ended** { $when }
case-line-ended-by = **Ended** { $when } by { $staff }
case-line-ended-outside = **Ended** { $when } by somebody outside of this bot
case-line-adopted = Somebody outside of this bot changed its end; I follow that.
case-line-stuck = ⚠️ Due, but the IM does not let me lift it. I keep trying.
case-line-failure = **Why** { $why }

case-brief-mute = 🔇 **#{ $case }** · #{ $channel } · { $duration }
case-brief-extend = 🔇 **#{ $case }** · #{ $channel } · changed to { $duration }
case-brief-unmute = 🔊 **#{ $case }** · #{ $channel } · unmuted
case-brief-by = { $when } by { $staff }
case-option-mute = #{ $case } mute { $member } in #{ $channel }, { $duration }
case-option-extend = #{ $case } change the mute of { $member } in #{ $channel }, { $duration }
case-option-unmute = #{ $case } unmute { $member } in #{ $channel }

failure-refused = The IM refused it.
failure-unreachable = The IM could not be reached. Nothing was changed.
failure-interrupted = I was interrupted, and the IM shows that it never happened.
failure-overtaken = Somebody else changed it in the meantime.
failure-unknown = It did not work.

button-undo = Undo
button-extend = Extend
undo-done = ↩️ Case #{ $case } is undone (case #{ $undoing }).
extend-question = How much longer for case #{ $case }?
extend-placeholder = How much longer?
extend-by = + { $duration }
extend-done = ⏱️ Now until { $until }
extend-done-permanent = ⏱️ Now until somebody lifts it

confirm-mute-moderator = **{ $member }** is a moderator of the community. Mute them in #{ $channel }?

muted-title = 🔇 Muted in #{ $channel }
muted-none = Nobody is muted here.
muted-none-known = I know of nobody who is muted here.
muted-unreachable = ⚠️ The IM cannot be reached. This is what I know myself.
muted-line-until = **{ $member }** · ends { $until }
muted-line-permanent = **{ $member }** · permanent
muted-line-unknown = **{ $member }** · end unknown
muted-line-by = by { $staff } · case #{ $case }
muted-line-outside = muted outside of this bot

history-title = History of { $member }
history-none = Nothing was ever done about this member.
history-count-mutes = { $count ->
    [one] { $count } mute
   *[other] { $count } mutes
}
history-count-unmutes = { $count ->
    [one] { $count } unmute
   *[other] { $count } unmutes
}
history-count-extensions = { $count ->
    [one] { $count } mute change
   *[other] { $count } mute changes
}
