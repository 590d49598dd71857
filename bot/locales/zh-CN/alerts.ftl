# 警报与值班。
alert-title = { $trouble ->
    [stuck_unmutes] 🚨 有禁言到期后无法解除
    [run_failed] 🚨 一次清理失败了
    [restore_failed] 🚨 一次恢复失败了
    [callbacks_refused] 🚨 IM 的回调被拒绝
   *[log_refused] 🚨 日志频道无法写入
}
alert-title-healed = { $trouble ->
    [stuck_unmutes] ✅ 到期的禁言已恢复正常解除
    [run_failed] ✅ 失败的清理已了结
    [restore_failed] ✅ 失败的恢复已了结
    [callbacks_refused] ✅ IM 的回调已恢复正常
   *[log_refused] ✅ 日志已恢复显示
}
alert-line-stuck = **{ $count }** 个禁言已到期，但暂时无法在 IM 中解除。
alert-line-run = run-{ $run }（{ $target }）中途停止。
alert-line-callbacks = 收到的回调签名有误，期间没有一个正确。可能是密钥与 IM 控制台不一致，也可能是别人在调用。
alert-line-log-gone = 日志频道已不存在，没人能看到处理记录。
alert-line-log-forbidden = 机器人无权在日志频道发言，没人能看到处理记录。
alert-line-why = **原因** { $why }
alert-line-since = **始于** { $when }
alert-line-case = • { $member } · #{ $channel } · 到期 { $due } · #{ $case }
alert-line-more = …… 还有 { $count } 个
alert-line-bot = { $trouble ->
    [stuck_unmutes] **机器人** 每 30 秒重试一次。
    [run_failed] **机器人** 保留已删除的内容，等待处理。
    [restore_failed] **机器人** 保留尚未恢复的内容，等待处理。
    [callbacks_refused] **机器人** 不采用这些回调，改为定期与 IM 核对。
   *[log_refused] **机器人** 保留所有记录，有了日志频道就会全部显示。
}
alert-line-do = { $trouble ->
    [stuck_unmutes] **请** 检查 IM 是否正常，然后点“重试”。
    [run_failed] **请** 排除原因，然后点“重试”从中断处继续。
    [restore_failed] **请** 排除原因，然后点“重试”从中断处继续。
    [callbacks_refused] **请** 核对回调密钥与 IM 控制台是否一致。
   *[log_refused] **请** 允许机器人在频道发言，或用 `/settings log` 另选频道。
}
alert-line-docs = { $trouble ->
    [stuck_unmutes] 📖 详见 `docs/operations.md` › Alert: unmutes are stuck
    [run_failed] 📖 详见 `docs/operations.md` › Alert: a cleanup has failed
    [restore_failed] 📖 详见 `docs/operations.md` › Alert: a cleanup has failed
    [callbacks_refused] 📖 详见 `docs/operations.md` › Alert: callbacks are refused
   *[log_refused] 📖 详见 `docs/operations.md` › Alert: the log channel refuses us
}
alert-line-seen = 👀 **{ $staff } 正在处理**，始于 { $when }
alert-line-snoozed = 💤 **静默至** { $until }，由 { $staff } 设置
alert-line-nobody = ℹ️ 无人值班：请用 `/settings oncall` 设置身份组。
alert-line-next-call = ⏰ 若无人响应，{ $when }再次通知。
alert-line-last-call = ⏰ 这是最后一次通知。
alert-line-healed = **已恢复** { $when }
alert-line-lasted = **持续** { $duration }
alert-line-cared = **处理人** { $staff }
alert-call = 第 { $count } 次通知，最多 { $most } 次
alert-elsewhere = 🚨 问题仍在，后续见新消息。
alert-in-person = 🚨 **{ $server }**：日志频道无法显示，特此私信告知。
alert-retrying = 正在重试。恢复后警报会更新。
status-alerts = 🚨 **{ $count }** 个警报未解决
status-alerts-unseen = 🔴 其中 **{ $count }** 个没有通知到任何人：请用 `/settings log` 设置日志频道
alert-snooze = 暂时静默……
alert-snooze-for = 静默 { $duration }
button-retry = 重试
button-acknowledge = 知悉
