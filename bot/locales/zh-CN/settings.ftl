# 设置与状态。
setting-changed = { $setting ->
    [community] 已选择社区
    [log] 已选择日志频道
    [duration] 已修改默认时长
    [language] 已修改语言
    [oncall] 已选择值班身份组
    [moderator] 已修改管理员身份组
   *[admin] 已修改服务器管理者身份组
}
setting-change = { $setting ->
    [community] 选择社区
    [log] 选择日志频道
    [duration] 修改默认时长
    [language] 修改语言
    [oncall] 选择值班身份组
    [moderator] 修改管理员身份组
   *[admin] 修改服务器管理者身份组
}
setting-now = { $setting ->
    [community] ✅ 本服务器现在管理社区 **{ $value }**。
    [log] ✅ 所有处理记录将显示在 { $value }。
    [duration] ✅ 未填时长的禁言现在持续 { $value }。
    [language] ✅ 日志等公开内容的语言现在是 { $value }。
   *[oncall] ✅ 警报现在会通知 { $value }。
}
setting-none = { $setting ->
    [community] 未选择社区。
    [log] 没有显示记录的频道。
    [language] 使用机器人自身的语言。
   *[oncall] 警报不通知任何人。
}
setting-to = { $setting ->
    [community] **社区** { $value }
    [log] **频道** { $value }
    [duration] **时长** { $value }
    [language] **语言** { $value }
   *[oncall] **身份组** { $value }
}
setting-before = **原为** { $value }
setting-role-given = { $setting ->
    [moderator] ➕ { $role } 可以使用管理员的命令。
   *[admin] ➕ { $role } 可以使用所有命令。
}
setting-role-away = { $setting ->
    [moderator] ➖ { $role } 不再是管理员身份组。
   *[admin] ➖ { $role } 不再是服务器管理者身份组。
}
refusal-same-setting = 已经是这个设置，未做任何更改。
refusal-everyone = 这里不能选择 @everyone，请选择具体的身份组。
refusal-role-configured = { $role } 已有此权限：机器人的配置中已写明。
refusal-role-gone = { $role } 已被取消，未做任何更改。
refusal-duration-usual-permanent = 未填时长的禁言应能自行结束：请选择如 10m 或 1h 的时长。
confirm-role-away = { $level ->
    [moderator] { $role } 已是管理员身份组。要取消吗？
   *[admin] { $role } 已是服务器管理者身份组。要取消吗？
}
settings-role-hidden = ℹ️ Discord 只向拥有“{ $permission }”权限的人显示这些命令。请在“服务器设置 > 整合 > 本机器人”中让 { $role } 看到它们。
settings-oncall-silent = ℹ️ { $role } 还收不到通知。请在身份组设置中开启“允许任何人 @提及此身份组”。

settings-title = ⚙️ 本服务器的设置
settings-row = { $setting ->
    [community] 🏘️ **社区** { $value }
    [log] 📜 **日志** { $value }
    [duration] ⏱️ **默认时长** { $value }
    [language] 🌐 **语言** { $value }
    [oncall] 🚨 **值班** { $value }
    [moderator] 🛡️ **管理员** { $value }
   *[admin] 👑 **服务器管理者** { $value }
}
settings-default = { $value }（默认）
settings-community-none = 未选择
settings-log-none = 无
settings-oncall-none = 无人
settings-granted = 拥有“{ $permission }”权限的人
language-english = English
language-chinese = 简体中文
permission-moderate-members = 超时成员
permission-manage-guild = 管理服务器
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
log-problem-forbidden = 🟡 机器人无权在日志频道发言。请在该频道授权，或用 `/settings log` 另选一个。
log-problem-gone = 🟡 日志频道已不存在，请用 `/settings log` 另选一个。
status-mutes = { $count ->
    [0] 没有生效中的禁言
   *[other] **{ $count }** 个禁言生效中
}
status-stuck = ⚠️ **{ $count }** 个已到期但无法解除
status-lag = ⏱️ 最早的一个已逾期 { $duration }
status-checked = { $count ->
    [0] { $when }与 IM 核对：完全一致
   *[other] { $when }与 IM 核对：修正了 { $count } 处差异
}
status-since = 启动于 { $when }
