# IM 的频道与成员。
channels-all = { $community } 的频道
channels-public = { $community } 的公开频道
channels-private = { $community } 的私密频道
channels-none = 没有频道。
channel-line-text = 💬 **{ $channel }**
channel-line-voice = 🔊 **{ $channel }**
channel-private = 私密
channel-default = 默认
count-channels = { $count } 个频道

channel-title = #{ $channel }
channel-line-public = 🌐 公开：社区成员都可以加入
channel-line-private = 🔒 私密：需要邀请
channel-line-is-voice = 🔊 语音频道
channel-line-default = ⭐ 社区的默认频道
channel-line-owner = **所有者** { $owner }
channel-line-room = **人数上限** { $count }
channel-line-created = **创建于** { $when }
channel-line-id = **ID** { $id }

members-title = #{ $channel } 的成员
members-none = 这里没有成员。
member-line = • { $member }
member-line-owner = 👑 { $member }
count-members = { $count } 位成员
count-muted = { $count } 人被禁言
count-cases = { $count } 条记录

member-title = { $member } · #{ $channel }
member-line-in = ✅ 是 #{ $channel } 的成员
member-line-not-in = ➖ 不在 #{ $channel } 中
member-line-not-muted = 🔊 未被禁言
member-line-muted = 🔇 已被禁言，结束时间未知
member-line-muted-permanent = 🔇 已被永久禁言
member-line-muted-until = 🔇 禁言至 { $until }
role-owner = 👑 社区所有者
role-moderator = 🛡️ 社区管理员
role-member = 👤 社区普通成员
