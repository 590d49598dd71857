# 创建、编辑、删除频道，以及在频道中发言。
channel-created = 已创建 #{ $channel }
channel-create = 创建 #{ $channel }
channel-edited = 已编辑 #{ $channel }
channel-edit = 编辑 #{ $channel }
channel-deleted = 已删除 #{ $channel }
channel-delete = 删除 #{ $channel }
channel-said = 已在 #{ $channel } 发言
channel-say = 在 #{ $channel } 发言
channel-kind = { $public ->
    [yes] 🌐 公开
   *[no] 🔒 私密
}{ $voice ->
    [yes] 语音频道
   *[no] 文字频道
}
channel-change-name = **名称** { $before } → { $after }
channel-change-description = **简介** { $before } → { $after }
channel-change-room = **人数上限** { $before } → { $after }
channel-change-custom = **自定义信息** { $before } → { $after }

confirm-channel-twin = **{ $community }** 中已有频道 **#{ $channel }**。确定再创建一个同名频道吗？之后只能用 ID 区分它们。
confirm-channel-delete =
    确定删除{ $kind ->
        [private] 私密
       *[other] 公开
    }频道 **#{ $channel }** 吗？其中有 { $count } 位成员。频道里的子区和消息将永久消失，无法撤销。
refusal-channel-name = 频道名称须为 1 到 { $most } 个字符，现在是 { $count } 个。
refusal-channel-text = 这段文字最多 { $most } 个字符，现在是 { $count } 个。
refusal-channel-room = 这里的人数上限须为 1 到 { $most } 的整数。
refusal-channel-unchanged = #{ $channel } 的内容没有变化，无需更改。
refusal-channel-overtaken = 刚刚有人改了 #{ $channel } 的同一项内容，请重新查看。
refusal-delete-default = #{ $channel } 是社区的默认频道，IM 不允许删除。
refusal-say-nothing = 没有内容可发：文本为空。
refusal-say-long = 文本超出 IM 的上限：{ $size } 字节，最多 { $most } 字节。
refusal-unknown-category = { $community } 中没有分类“{ $text }”。
refusal-ambiguous-category = 有多个分类名为“{ $text }”，请填写 ID：{ $candidates }

channel-form-title = 编辑 #{ $channel }
channel-form-name = 名称
channel-form-description = 简介
channel-form-room = 人数上限（1 到 { $most }）
channel-form-custom = 自定义信息（供程序使用）
channel-form-cold = IM 响应较慢，请点按钮打开表单。
channel-form-open = 打开表单
channel-form-again = 重新编辑
channel-form-typed = 你填写的内容
channel-form-gone = 你填写的内容已不再保留，可从上方复制后重新使用命令。

channels-created = { $member } 在 { $community } 创建的频道
channels-joined = { $member } 在 { $community } 加入的频道
