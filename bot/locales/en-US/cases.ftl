# Cases looked up: the list, the story of one, another reason, export.
case-list-title = Cases
case-list-by = by { $staff }
case-list-since = since { $when }
case-list-none = There is no such case.
case-brief-mute-of = 🔇 **#{ $case }** · { $member } · #{ $channel } · { $duration }
case-brief-extend-of = 🔇 **#{ $case }** · { $member } · #{ $channel } · changed to { $duration }
case-brief-unmute-of = 🔊 **#{ $case }** · { $member } · #{ $channel } · unmuted
case-line-reason-by = **Reason edited** by { $staff }

story-title = **What happened**
story-earlier = { $count ->
    [one] … { $count } earlier step
   *[other] … { $count } earlier steps
}
story-asked = { $when } · asked for by { $staff }
story-applied = { $when } · done
story-verified = { $when } · seen in the IM
story-failed = { $when } · failed
story-undone = { $when } · undone by { $staff } (case #{ $case })
story-lifted = { $when } · lifted by { $staff } (case #{ $case })
story-extended = { $when } · replaced by { $staff } (case #{ $case })
story-ended = { $when } · over, its time was up
story-outside = { $when } · ended by somebody outside of this bot
story-gone = { $when } · gone with its channel
story-left = { $when } · over: no longer in the channel
story-adopted = { $when } · end changed outside of this bot to { $until }
story-adopted-permanent = { $when } · made permanent outside of this bot
story-reason = { $when } · new reason by { $staff }: { $reason }
story-erased = { $when } · personal data erased

refusal-empty-reason = Write a reason.
refusal-same-reason = Case #{ $case } has this reason already.

case-export-done = 📎 { $count ->
    [one] { $count } case, the newest reason of each.
   *[other] { $count } cases, the newest reason of each.
}
case-export-more = ⚠️ That is as much as fits. Ask for the rest with a later `since`, or let whoever runs the bot use `warden export cases`.
case-export-none = There are no cases to export.

history-count-members = { $count ->
    [one] { $count } membership change
   *[other] { $count } membership changes
}
history-count-channels = { $count ->
    [one] { $count } channel change
   *[other] { $count } channel changes
}
history-count-threads = { $count ->
    [one] { $count } thread change
   *[other] { $count } thread changes
}
history-count-reactions = { $count ->
    [one] { $count } reaction
   *[other] { $count } reactions
}
history-count-friends = { $count ->
    [one] { $count } friend change
   *[other] { $count } friend changes
}
history-count-blocks = { $count ->
    [one] { $count } block change
   *[other] { $count } block changes
}
history-count-collections = { $count ->
    [one] { $count } collection change
   *[other] { $count } collection changes
}
history-count-cleanup = { $count ->
    [one] { $count } cleanup
   *[other] { $count } cleanups
}
history-count-settings = { $count ->
    [one] { $count } setting change
   *[other] { $count } setting changes
}
