# IM 用户的好友。
friend-added = 已将 { $friend } 添加为 { $member } 的好友
friend-add = 将 { $friend } 添加为 { $member } 的好友
friend-removed = 已从 { $member } 的好友中移除 { $friend }
friend-remove = 从 { $member } 的好友中移除 { $friend }
friend-remarked = 已修改 { $member } 对 { $friend } 的备注
friend-remark = 修改 { $member } 对 { $friend } 的备注
friend-line-remark = **备注** { $remark }
friend-line-no-remark = **备注** 已清除
friend-line-before = **原备注** { $remark }
friend-line-both = 👥 双向：彼此都在对方的好友列表中。
friend-line-one-way = ➡️ 只加入了 { $member } 的列表；{ $friend } 的列表没有变化。
friend-line-gone = 👥 双向：彼此都已不在对方的好友列表中。
friend-line-still = ➡️ { $member } 仍在 { $friend } 的列表中。
friend-line-partly = ⚠️ 已恢复好友关系，但备注可能没有恢复。请用 `/friend list` 查看。

friends-title = { $member } 的好友
friends-none = 没有好友。
friend-line = • { $friend }
friend-line-named = • { $friend } · { $remark }
count-friends = { $count } 位好友

refusal-own-friend = { $member } 不能添加自己为好友。
refusal-already-friends = { $friend } 已是 { $member } 的好友。
refusal-no-friends = { $friend } 不是 { $member } 的好友。请先添加：`/friend add`。
refusal-not-a-friend = { $friend } 不是 { $member } 的好友。
refusal-remark-long = 备注最多 { $most } 个字符，这一条有 { $count } 个。
refusal-same-remark = { $member } 给 { $friend } 的备注本来就是这个。
