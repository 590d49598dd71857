# 添加、移出与批量移出频道成员。
member-added = 已将 { $member } 加入 #{ $channel }
member-add = 将 { $member } 加入 #{ $channel }
member-removed = 已将 { $member } 移出 #{ $channel }
member-remove = 将 { $member } 移出 #{ $channel }
refusal-already-member = { $member } 已在 #{ $channel } 中。
member-purged = { $way ->
    [back] 已将 { $count } 位成员重新加入 #{ $channel }
   *[out] 已将 { $count } 位成员移出 #{ $channel }
}
member-purge = { $way ->
    [back] 将 { $count } 位成员重新加入 #{ $channel }
   *[out] 将 { $count } 位成员移出 #{ $channel }
}
purge-line-members = **成员** { $names }
purge-line-not-in = **已不在频道中** { $names }
purge-line-unreachable = **未能连接 IM** { $names }
purge-line-refused = **被 IM 拒绝** { $names }
names-more = { $names } 及另外 { $count } 人
refusal-default-channel = #{ $channel } 是社区的默认频道，任何人都不能被移出。
refusal-remove-owner = { $member } 是社区所有者，不能被移出。
refusal-not-in-community = { $member } 不在社区中，需先加入社区。
refusal-purge-nobody = 他们都已不在 #{ $channel } 中。
refusal-no-names = 请至少填写一位成员；多位之间用空格或逗号分隔。
refusal-too-many-names = 一共 { $count } 个名字，一次最多 { $most } 个。

purge-title = 确定将 { $count } 位成员移出 #{ $channel } 吗？
purge-title-nobody = 没有可以移出 #{ $channel } 的人
purge-moderators = ⚠️ **社区管理员** { $names }
purge-unknown = ❔ **不在频道中，不会处理** { $names }
purge-owner = 👑 **{ $member }** 是社区所有者，会留下。
purge-promise = 他们也会离开该频道的子区，在此的禁言随之结束。撤销会让他们重新加入频道，但不会恢复子区和禁言。
purge-advice = 这些名字都不在频道中。请修改，或取消。
purge-change = 修改名单
purge-form-title = 要移出的成员
purge-form-names = 名字，用空格或逗号分隔
progress-line = ⏳ 已完成 { $done } / { $total } ……
