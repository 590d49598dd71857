# 设置与状态。
setting-changed = { $setting ->
    [feed] 已修改消息流频道
    [rota] 已修改每周值班表
    [handover] 已修改交接时间
    [community] 已选择社区
    [log] 已修改日志频道
    [duration] 已修改默认时长
    [language] 已修改语言
    [oncall] 已修改值班身份组
    [moderator] 已修改管理员身份组
   *[admin] 已修改服务器管理者身份组
}
setting-change = { $setting ->
    [feed] 修改消息流频道
    [rota] 修改每周值班表
    [handover] 修改交接时间
    [community] 选择社区
    [log] 修改日志频道
    [duration] 修改默认时长
    [language] 修改语言
    [oncall] 修改值班身份组
    [moderator] 修改管理员身份组
   *[admin] 修改服务器管理者身份组
}
setting-now = { $setting ->
    [feed] ✅ IM 中的发言现在显示在 { $value }。
    [rota] ✅ 值班：{ $value }
    [handover] ✅ 每天的值班现在从 { $value } 开始。
    [community] ✅ 本服务器现在管理社区 **{ $value }**。
    [log] ✅ 所有处理记录将显示在 { $value }。
    [duration] ✅ 未填时长的禁言现在持续 { $value }。
    [language] ✅ 日志等公开内容的语言现在是 { $value }。
   *[oncall] ✅ 警报现在会通知 { $value }。
}
setting-none = { $setting ->
    [feed] 没有显示 IM 发言的频道。
    [rota] 没有人排班。
    [handover] 每天的值班按默认时间开始。
    [community] 未选择社区。
    [log] 没有显示记录的频道。
    [language] 使用机器人自身的语言。
   *[oncall] 警报不通知任何人。
}
setting-to = { $setting ->
    [feed] **频道** { $value }
    [rota] **值班** { $value }
    [handover] **开始** { $value }
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
    [feed] 💬 **消息流** { $value }
    [rota] 🗓️ **值班表** { $value }
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
settings-feed-none = 无
settings-rota-none = 无
settings-rota-gap = 今天无人，至 { $until }
settings-rota-now = { $who }，至 { $until }
settings-below = 下方“更改……”
settings-change = 更改……
settings-option = { $setting ->
    [log] 📜 日志频道
    [feed] 💬 消息流频道
    [oncall] 🚨 值班身份组
    [rota] 🗓️ 每周值班表
   *[language] 🌐 语言
}
settings-pick = { $setting ->
    [log] 📜 用哪个频道显示处理记录和警报？
    [feed] 💬 用哪个频道显示 IM 中的发言？
    [oncall] 🚨 警报通知哪个身份组？
   *[language] 🌐 公开内容使用哪种语言？
}
settings-none = { $setting ->
    [log] 不要日志
    [feed] 不要消息流
   *[oncall] 不要身份组
}
settings-back = 设置
settings-language-own = 机器人自身的语言
rota-open = 每周值班表……
rota-title = 🗓️ 值班安排
rota-day = { $day ->
    [0] 周一
    [1] 周二
    [2] 周三
    [3] 周四
    [4] 周五
    [5] 周六
   *[6] 周日
}
rota-line = **{ $day }** { $who }
rota-nobody = 无人
rota-now = **当前** { $who }，至 { $until }
rota-line-handover = **每天交接** { $time } · { $zone }
rota-days = 选择日期……
rota-who = { $days } 由谁值班？
rota-free = 无人值班
rota-handover = 交接时间……
rota-clear = 全部清除
rota-form-title = 交接时间
rota-form-time = 时间，例如 09:00
rota-form-zone = 时区
rota-form-zone-hint = 写城市即可：Shanghai、Berlin。留空：UTC。
refusal-rota-bot = 机器人不能值班，请选择真人。
refusal-rota-stranger = { $member } 不在本服务器，请选择本服务器的人。
refusal-rota-powerless = { $member } 不是管理员，无法处理警报。请选择管理员，或先用 `/settings roles` 授权其身份组。
rota-unseen = ℹ️ { $member } 看不到显示警报的 { $channel }，收不到通知。请在该频道允许其“查看频道”。
refusal-handover = “{ $text }”不是时间。请写成 09:00 这样。
refusal-handover-zone = 没有时区“{ $text }”。请写该时区的城市，例如 Shanghai、Berlin。
refusal-channel-unseen = 机器人看不到该频道。请允许“查看频道”，或另选频道。
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
status-unchecked = ⚠️ { $when }未能与 IM 核对：{ $count } 个频道无法读取
status-since = 启动于 { $when }
