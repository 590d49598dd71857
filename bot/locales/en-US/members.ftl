# Adding and removing members of a channel.
member-added = Added { $member } to #{ $channel }
member-add = add { $member } to #{ $channel }
member-removed = Removed { $member } from #{ $channel }
member-remove = remove { $member } from #{ $channel }
refusal-already-member = { $member } is in #{ $channel } already.
