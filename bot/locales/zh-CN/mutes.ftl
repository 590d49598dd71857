# 禁言：记录卡片、按钮与提示。
case-number = 记录 #{ $case }

case-title-muting = ⏳ 正在禁言 { $member } · #{ $channel }
case-title-extending = ⏳ 正在调整 { $member } 的禁言 · #{ $channel }
case-title-unmuting = ⏳ 正在解除 { $member } 的禁言 · #{ $channel }
case-title-muted = 🔇 已禁言 { $member } · #{ $channel }
case-title-extended = 🔇 已调整禁言：{ $member } · #{ $channel }
case-title-unmuted = 🔊 已解除禁言：{ $member } · #{ $channel }
case-title-mute-failed = ⚠️ 未能禁言：{ $member } · #{ $channel }
case-title-extend-failed = ⚠️ 未能调整禁言：{ $member } · #{ $channel }
case-title-unmute-failed = ⚠️ 未能解除禁言：{ $member } · #{ $channel }
case-title-ended = 🔊 禁言到期：{ $member } · #{ $channel }
case-title-lifted = 🔊 禁言已解除：{ $member } · #{ $channel }
case-title-outside = 🔊 禁言已在机器人之外结束：{ $member } · #{ $channel }
case-title-replaced = 🔁 禁言已被替换：{ $member } · #{ $channel }
case-title-gone = 🔊 禁言随频道删除而失效：{ $member } · #{ $channel }
case-title-left = 🔊 禁言已结束，成员已不在频道中：{ $member } · #{ $channel }
case-title-undone = ↩️ 已撤销：{ $member } · #{ $channel }

case-line-until = **到期** { $until }
case-line-permanent = **到期** 永久，直到有人解除
case-line-starting = 正在等待 IM
case-line-for = **时长** { $duration }
case-line-reason = **原因** { $reason }
case-line-by = **操作人** { $staff }
case-line-undoes = **撤销** 记录 #{ $case }
case-line-ended = **结束** { $when }
case-line-ended-by = **结束** { $when }，由 { $staff } 操作
case-line-ended-outside = **结束** { $when }（在机器人之外）
case-line-adopted = 有人在机器人之外更改了结束时间，现按新的时间执行。
case-line-stuck = ⚠️ 已到期，但暂时无法在 IM 中解除，机器人会继续尝试。
case-line-failure = **失败原因** { $why }

case-brief-mute = 🔇 **#{ $case }** · #{ $channel } · { $duration }
case-brief-extend = 🔇 **#{ $case }** · #{ $channel } · 调整为 { $duration }
case-brief-unmute = 🔊 **#{ $case }** · #{ $channel } · 解除禁言
case-brief-by = { $when }，{ $staff }
case-option-mute = #{ $case } 在 #{ $channel } 禁言 { $member }，{ $duration }
case-option-extend = #{ $case } 在 #{ $channel } 调整 { $member } 的禁言，{ $duration }
case-option-unmute = #{ $case } 在 #{ $channel } 解除 { $member } 的禁言

failure-refused = IM 拒绝了这一操作。
failure-unreachable = 无法连接 IM，未做任何更改。
failure-interrupted = 操作中断；IM 显示操作并未生效。
failure-overtaken = 在此期间有人做了更改。
failure-unknown = 未能完成。

button-undo = 撤销
button-extend = 延长
undo-done = ↩️ 已撤销记录 #{ $case }（本次撤销为记录 #{ $undoing }）。
extend-question = 记录 #{ $case } 的禁言要延长多久？
extend-placeholder = 延长多久？
extend-by = + { $duration }
extend-done = ⏱️ 已延长至 { $until }
extend-done-permanent = ⏱️ 已改为永久，直到有人解除

confirm-mute-moderator = **{ $member }** 是社区的管理员。确定要在 #{ $channel } 将其禁言吗？

muted-title = 🔇 #{ $channel } 的禁言列表
muted-none = 这里没有人被禁言。
muted-none-known = 机器人的记录中没有人在这里被禁言。
muted-unreachable = ⚠️ 无法连接 IM，以下为机器人自己的记录。
muted-line-until = **{ $member }** · { $until }结束
muted-line-permanent = **{ $member }** · 永久
muted-line-unknown = **{ $member }** · 结束时间未知
muted-line-by = { $staff } · 记录 #{ $case }
muted-line-outside = 在机器人之外被禁言

history-title = { $member } 的处理记录
history-none = 这位成员没有任何处理记录。
history-count-mutes = { $count } 次禁言
history-count-unmutes = { $count } 次解除禁言
history-count-extensions = { $count } 次禁言调整
