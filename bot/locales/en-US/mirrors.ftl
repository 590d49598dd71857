# Messages of the IM shown in Discord, and what can be done about them with a tap.
menu-mute-author = Mute author
menu-history = History
menu-start-thread = Start thread
mirror-quote = **{ $member }** { $text }
mirror-no-text = (no text)
mute-author-question = Mute **{ $member }** in #{ $channel } for how long?
mute-author-placeholder = How long?
refusal-no-mirror = This message shows no message of the IM, so there is nobody to act on. Choose one that does.
