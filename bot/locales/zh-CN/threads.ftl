# 子区。
thread-created = 已在 #{ $channel } 创建子区“{ $thread }”
thread-create = 在 #{ $channel } 创建子区“{ $thread }”
thread-renamed = 已将子区“{ $thread }”改名为“{ $name }”
thread-rename = 将子区“{ $thread }”改名为“{ $name }”
thread-deleted = 已删除 #{ $channel } 中的子区“{ $thread }”
thread-delete = 删除 #{ $channel } 中的子区“{ $thread }”
thread-member-added = 已将 { $member } 加入子区“{ $thread }”
thread-member-add = 将 { $member } 加入子区“{ $thread }”
thread-member-removed = 已将 { $member } 移出子区“{ $thread }”
thread-member-remove = 将 { $member } 移出子区“{ $thread }”

thread-title = 🧵 { $thread }
thread-line-channel = **频道** #{ $channel }
thread-line-owner = **所有者** { $owner }
thread-line-started = **创建于** { $when }
thread-line-message = **起始消息**
thread-line-message-id = **起始消息** { $id }
thread-line-id = **ID** { $id }

threads-title = #{ $channel } 的子区
threads-title-created = { $member } 在 #{ $channel } 创建的子区
threads-title-joined = { $member } 在 #{ $channel } 加入的子区
threads-none = 没有子区。
threads-more = 只显示前 { $count } 个，还有更多。
thread-line = 🧵 **{ $thread }** · { $owner }，{ $when }
thread-line-undated = 🧵 **{ $thread }** · { $owner }
count-threads = { $count } 个子区

confirm-thread-delete =
    确定删除 #{ $channel } 中的子区 **{ $thread }**（所有者 { $owner }）吗？
    其中的所有消息将永久消失，无法撤销。

thread-form-title = 创建子区
thread-form-name = 子区名称

refusal-unknown-thread = 本社区没有子区“{ $text }”。
refusal-ambiguous-thread = 有多个子区名为“{ $text }”，请填写 ID：{ $candidates }
refusal-thread-scope-member = 请同时选择成员，说明要看谁的子区。
refusal-thread-scope-all = 要查看某位成员的子区，请同时在范围中选择“该成员创建的”或“该成员加入的”。
refusal-thread-voice = #{ $channel } 是语音频道；只有文字频道才有子区。
refusal-thread-name = 子区名称须为 1 到 50 个字符。
refusal-thread-name-same = 子区的名称已经是“{ $thread }”。
refusal-thread-name-unknown = 记录 #{ $case } 无法撤销：IM 没有提供子区原来的名称。
refusal-thread-exists = 这条消息已有子区，一条消息只能有一个子区。
refusal-thread-already-in = { $member } 已在子区“{ $thread }”中。
refusal-thread-not-in = { $member } 不在子区“{ $thread }”中。
refusal-thread-owner = { $member } 是子区“{ $thread }”的所有者，不能被移出。
refusal-message-elsewhere = 这条消息在 #{ $other }，不在 #{ $channel }。
refusal-unknown-message = #{ $channel } 中没有这条消息。
