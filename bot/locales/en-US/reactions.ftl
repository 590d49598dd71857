# Reactions to messages.
reaction-added = Added { $emoji } to a message for { $member }
reaction-add = add { $emoji } to a message for { $member }
reaction-removed = Removed { $emoji } of { $member } from a message
reaction-remove = remove { $emoji } of { $member } from a message
reaction-line-channel = **Channel** #{ $channel }

reactions-title = Reactions in #{ $channel }
reactions-none = Nobody has reacted to this message.
reactions-seen-by = As { $member } sees it; their own are in bold
reaction-line = { $emoji } **{ $count }** · { $members }
reaction-more = { $count } more

refusal-message-id = “{ $text }” is no message id: it has digits only. Choose a message from the list, or copy its id.
refusal-unknown-message-anywhere = The IM has no such message.
refusal-emoji = A reaction is an emoji, or a text of up to 128 characters in one line.
refusal-custom-emoji = The IM does not know Discord's custom emoji. Use a plain one, such as 👍.
refusal-already-reacted = { $member } has reacted with { $emoji } already.
refusal-not-reacted = { $member } has not reacted with { $emoji }.
refusal-reactions-full = This message has 20 different reactions, and more do not fit.
refusal-reaction-not-allowed = { $member } cannot react to this message: they are not in its channel.
