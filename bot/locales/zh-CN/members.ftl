# 添加与移出频道成员。
member-added = 已将 { $member } 加入 #{ $channel }
member-add = 将 { $member } 加入 #{ $channel }
member-removed = 已将 { $member } 移出 #{ $channel }
member-remove = 将 { $member } 移出 #{ $channel }
refusal-already-member = { $member } 已在 #{ $channel } 中。
