# Friends of the IM's users.
friend-added = Made { $friend } a friend of { $member }
friend-add = make { $friend } a friend of { $member }
friend-removed = Removed { $friend } from the friends of { $member }
friend-remove = remove { $friend } from the friends of { $member }
friend-remarked = Changed what { $member } calls { $friend }
friend-remark = change what { $member } calls { $friend }
friend-line-remark = **Remark** { $remark }
friend-line-no-remark = **Remark** none any more
friend-line-before = **Before** { $remark }
friend-line-both = 👥 Both ways: each is on the other's list.
friend-line-one-way = ➡️ Only on the list of { $member }; the list of { $friend } is as it was.
friend-line-gone = 👥 Both ways: neither is on the other's list any more.
friend-line-still = ➡️ { $member } is still on the list of { $friend }.
friend-line-partly = ⚠️ They are friends again, but a remark may be missing. Look at it with `/friend list`.

friends-title = Friends of { $member }
friends-none = No friends.
friend-line = • { $friend }
friend-line-named = • { $friend } · { $remark }
count-friends = { $count ->
    [one] { $count } friend
   *[other] { $count } friends
}

refusal-own-friend = { $member } cannot be their own friend.
refusal-already-friends = { $friend } is a friend of { $member } already.
refusal-no-friends = { $friend } is no friend of { $member }. Make them friends first: `/friend add`.
refusal-not-a-friend = { $friend } is no friend of { $member }.
refusal-remark-long = A remark has at most { $most } characters; this one has { $count }.
refusal-same-remark = { $member } calls { $friend } that already.
