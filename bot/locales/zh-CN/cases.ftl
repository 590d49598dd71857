# 记录的查找：列表、经过、修改原因、导出。
case-list-title = 处理记录
case-list-by = 操作人 { $staff }
case-list-since = 自 { $when } 起
case-list-none = 没有符合条件的记录。
case-brief-mute-of = 🔇 **#{ $case }** · { $member } · #{ $channel } · { $duration }
case-brief-extend-of = 🔇 **#{ $case }** · { $member } · #{ $channel } · 调整为 { $duration }
case-brief-unmute-of = 🔊 **#{ $case }** · { $member } · #{ $channel } · 解除禁言
case-line-reason-by = **原因修改人** { $staff }

story-title = **经过**
story-earlier = …… 之前还有 { $count } 步
story-asked = { $when } · 由 { $staff } 发起
story-applied = { $when } · 已完成
story-verified = { $when } · 已在 IM 中确认
story-failed = { $when } · 失败
story-undone = { $when } · 由 { $staff } 撤销（记录 #{ $case }）
story-lifted = { $when } · 由 { $staff } 解除（记录 #{ $case }）
story-extended = { $when } · 由 { $staff } 替换（记录 #{ $case }）
story-ended = { $when } · 到期结束
story-outside = { $when } · 在机器人之外结束
story-gone = { $when } · 频道已删除，随之失效
story-left = { $when } · 已结束：成员已不在频道中
story-adopted = { $when } · 结束时间在机器人之外改为 { $until }
story-adopted-permanent = { $when } · 在机器人之外改为永久
story-reason = { $when } · { $staff } 将原因改为：{ $reason }
story-erased = { $when } · 个人数据已删除

refusal-empty-reason = 请填写原因。
refusal-same-reason = 记录 #{ $case } 的原因本来就是这个。

case-export-done = 📎 { $count } 条记录，原因均为最新。
case-export-more = ⚠️ 已达到文件上限。请用更晚的起始时间（`since`）再次导出，或请机器人的运维人员使用 `warden export cases`。
case-export-none = 没有可导出的记录。

history-count-members = { $count } 次成员变动
history-count-channels = { $count } 次频道变动
history-count-threads = { $count } 次子区变动
history-count-reactions = { $count } 次表情回应
history-count-friends = { $count } 次好友变动
history-count-blocks = { $count } 次黑名单变动
history-count-collections = { $count } 次收藏变动
history-count-cleanup = { $count } 次清理
history-count-settings = { $count } 次设置变动
