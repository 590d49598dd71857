# Block lists of the IM's users.
block-added = { $count ->
    [one] Blocked { $name } for { $member }
   *[other] Blocked { $count } users for { $member }
}
block-add = { $count ->
    [one] block { $name } for { $member }
   *[other] block { $count } users for { $member }
}
block-removed = { $count ->
    [one] Unblocked { $name } for { $member }
   *[other] Unblocked { $count } users for { $member }
}
block-remove = { $count ->
    [one] unblock { $name } for { $member }
   *[other] unblock { $count } users for { $member }
}
block-line-names = **Names** { $names }
block-line-already = **Blocked already** { $names }
block-line-unknown = **Not in the IM** { $names }
block-line-owner = **The owner, left out** { $names }
block-line-unreachable = **The IM did not answer about** { $names }
block-line-refused = **Refused by the IM** { $names }

blocks-title = Blocked by { $member }
blocks-none = Nobody is blocked.
block-line = • { $member }
count-blocks = { $count } blocked

refusal-already-blocked = { $count ->
    [one] { $member } blocks { $names } already.
   *[other] { $member } blocks all of them already.
}
refusal-own-block = { $member } cannot block themselves.
refusal-nobody-to-block = Nobody is left to block: { $names } are blocked already, not in the IM, or the owner.
refusal-not-blocked = { $member } does not block “{ $text }”.
