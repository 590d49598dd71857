# 在 Discord 中显示的 IM 消息，以及一键可做的操作。
menu-mute-author = 禁言发送者
menu-history = 处理记录
menu-start-thread = 创建子区
mirror-quote = **{ $member }** { $text }
mirror-no-text = （无文字）
mute-author-question = 在 #{ $channel } 禁言 **{ $member }** 多久？
mute-author-placeholder = 多久？
refusal-no-mirror = 这条消息不对应 IM 中的任何消息，没有可以处理的对象。请选择转发自 IM 的消息。
