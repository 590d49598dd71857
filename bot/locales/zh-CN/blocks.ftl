# IM 用户的黑名单。
block-added = { $count ->
    [1] 已为 { $member } 拉黑 { $name }
   *[other] 已为 { $member } 拉黑 { $count } 位用户
}
block-add = { $count ->
    [1] 为 { $member } 拉黑 { $name }
   *[other] 为 { $member } 拉黑 { $count } 位用户
}
block-removed = { $count ->
    [1] 已将 { $name } 移出 { $member } 的黑名单
   *[other] 已将 { $count } 位用户移出 { $member } 的黑名单
}
block-remove = { $count ->
    [1] 将 { $name } 移出 { $member } 的黑名单
   *[other] 将 { $count } 位用户移出 { $member } 的黑名单
}
block-line-names = **名单** { $names }
block-line-already = **之前已拉黑** { $names }
block-line-unknown = **IM 中没有** { $names }
block-line-owner = **本人，已略过** { $names }
block-line-unreachable = **IM 没有答复** { $names }
block-line-refused = **被 IM 拒绝** { $names }

blocks-title = { $member } 的黑名单
blocks-none = 黑名单为空。
block-line = • { $member }
count-blocks = { $count } 人被拉黑

refusal-already-blocked = { $count ->
    [1] { $member } 已拉黑 { $names }。
   *[other] 这些用户都已在 { $member } 的黑名单中。
}
refusal-own-block = { $member } 不能拉黑自己。
refusal-nobody-to-block = 没有可以拉黑的用户：{ $names } 已被拉黑、不在 IM 中，或是本人。
refusal-not-blocked = “{ $text }”不在 { $member } 的黑名单中。
