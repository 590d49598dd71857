# 设置与状态。
settings-community-set = ✅ 本服务器现在管理社区 **{ $community }**。
settings-log-set = ✅ 所有处理记录将显示在 { $channel }。
permission-view-channel = 查看频道
permission-send-messages = 发送消息
permission-embed-links = 嵌入链接

status-title = Circle Warden
status-im-ok = 🟢 IM（{ $kind }）
status-im-quick = 🟢 IM（{ $kind }）· { $count } 毫秒
status-im-down = 🔴 IM（{ $kind }）：{ $why }
status-database-ok = 🟢 数据库
status-database-down = 🔴 数据库
status-community = 🟢 社区 **{ $community }**
status-no-community = 🟡 未设置社区：请用 `/settings community` 选择
status-log = 🟢 日志频道 { $channel }
status-no-log = ⚪ 未设置日志：请用 `/settings log` 选择频道
log-problem = 🟡 日志频道不可用：{ $why }
log-problem-forbidden = 🟡 我无权在日志频道发言。请在该频道授权，或用 `/settings log` 另选一个。
log-problem-gone = 🟡 日志频道已不存在，请用 `/settings log` 另选一个。
status-mutes = { $count ->
    [0] 没有生效中的禁言
   *[other] **{ $count }** 个禁言生效中
}
status-stuck = ⚠️ **{ $count }** 个已到期但无法解除
status-lag = ⏱️ 最早的一个已超时 { $duration }
status-checked = { $count ->
    [0] { $when }与 IM 核对：完全一致
   *[other] { $when }与 IM 核对：修正了 { $count } 处差异
}
status-since = 启动于 { $when }
