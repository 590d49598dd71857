# The feed: what is said in the IM, shown in a Discord channel.
feed-mute-10m = Mute 10m
feed-mute-1h = Mute 1h
feed-mute-1d = Mute 1d
feed-mute-ask = Mute…
feed-start-thread = Start thread
feed-save = Save
feed-history = History
feed-act = Act on a message…
feed-line-from = **{ $member }** · #{ $channel }
feed-summary = { $count ->
    [one] 🌊 **{ $count }** more message in { $duration } was not shown.
   *[other] 🌊 **{ $count }** more messages in { $duration } were not shown.
}
feed-summary-channel = #{ $channel } **{ $count }**
feed-summary-most = Most from { $members }
feed-summary-talker = { $member } **{ $count }**
feed-talker = Act on somebody…
feed-talker-option = #{ $channel } · { $count ->
    [one] { $count } message
   *[other] { $count } messages
}
feed-talker-card = Mute **{ $member }** in #{ $channel }?
feed-problem-forbidden = 🟡 I may not write in the feed channel. Allow it there, or choose another with `/settings show`.
feed-problem-gone = 🟡 The feed channel is gone. Choose another with `/settings show`.
status-feed = 🟢 Feed in { $channel }
