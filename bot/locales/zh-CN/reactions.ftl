# 消息的表情回应。
reaction-added = 已代 { $member } 对一条消息添加回应 { $emoji }
reaction-add = 代 { $member } 对一条消息添加回应 { $emoji }
reaction-removed = 已移除 { $member } 对一条消息的回应 { $emoji }
reaction-remove = 移除 { $member } 对一条消息的回应 { $emoji }
reaction-line-channel = **频道** #{ $channel }

reactions-title = #{ $channel } 中的表情回应
reactions-none = 还没有人回应这条消息。
reactions-seen-by = 以 { $member } 的视角查看；本人的回应以粗体显示
reaction-line = { $emoji } **{ $count }** · { $members }
reaction-more = 另外 { $count } 人

refusal-message-id = “{ $text }”不是消息 ID：ID 只有数字。请从列表选择消息，或复制它的 ID。
refusal-unknown-message-anywhere = IM 中没有这条消息。
refusal-emoji = 表情回应须为一个表情，或一行不超过 128 个字符的文字。
refusal-custom-emoji = IM 中没有 Discord 的自定义表情，请使用普通表情，例如 👍。
refusal-already-reacted = { $member } 已经回应过 { $emoji }。
refusal-not-reacted = { $member } 没有回应过 { $emoji }。
refusal-reactions-full = 这条消息已有 20 种不同的回应，无法再添加。
refusal-reaction-not-allowed = { $member } 不在这条消息所在的频道中，不能回应。
