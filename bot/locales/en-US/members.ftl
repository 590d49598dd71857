# Adding, removing and purging members of a channel.
member-added = Added { $member } to #{ $channel }
member-add = add { $member } to #{ $channel }
member-removed = Removed { $member } from #{ $channel }
member-remove = remove { $member } from #{ $channel }
refusal-already-member = { $member } is in #{ $channel } already.
member-purged = { $way ->
    [back] Put { $count ->
        [one] { $count } member
       *[other] { $count } members
    } back into #{ $channel }
   *[out] Removed { $count ->
        [one] { $count } member
       *[other] { $count } members
    } from #{ $channel }
}
member-purge = { $way ->
    [back] put { $count ->
        [one] { $count } member
       *[other] { $count } members
    } back into #{ $channel }
   *[out] remove { $count ->
        [one] { $count } member
       *[other] { $count } members
    } from #{ $channel }
}
purge-line-members = **Members** { $names }
purge-line-not-in = **Not in it any more** { $names }
purge-line-unreachable = **The IM could not be reached for** { $names }
purge-line-refused = **Refused by the IM** { $names }
names-more = { $names } and { $count } more
refusal-default-channel = #{ $channel } is the community's default channel, which nobody can be taken out of.
refusal-remove-owner = { $member } owns the community and cannot be removed.
refusal-not-in-community = { $member } is not in the community. They have to join it first.
refusal-purge-nobody = None of them is in #{ $channel } any more.
refusal-no-names = Name at least one member, with spaces or commas between several.
refusal-too-many-names = These are { $count } names; at most { $most } go at once.

purge-title = Remove { $count ->
    [one] { $count } member
   *[other] { $count } members
} from #{ $channel }?
purge-title-nobody = Nobody to remove from #{ $channel }
purge-moderators = ⚠️ **Moderators of the community** { $names }
purge-unknown = ❔ **Not in the channel, so left out** { $names }
purge-owner = 👑 **{ $member }** owns the community and stays.
purge-promise = They leave the channel's threads too, and their mutes here end. Undo puts them back into the channel, not into threads or mutes.
purge-advice = None of these names is in the channel. Change them, or cancel.
purge-change = Change the names
purge-form-title = Members to remove
purge-form-names = Names, with spaces or commas between
progress-line = ⏳ { $done } of { $total } …
