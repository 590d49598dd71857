# Refusals (no reference) and faults (with one). One sentence: what happened, what to do.
refusal-needs-moderator = This is for moderators.
refusal-needs-admin = This is for administrators of this server.
refusal-option = I cannot use “{ $text }” here. Choose it from the list.
refusal-command-changed = This command has changed. Press Ctrl+R or reopen Discord, then try again.

refusal-duration-bare = “{ $text }” has no unit. Try { $text }m for minutes, or 10m, 1h30m, 2d, permanent.
refusal-duration-month = “{ $text }” is not clear: m is minutes, and months are not all equally long. Try 30d or 4w.
refusal-duration-order = In “{ $text }” the units are not in order. The largest comes first, such as 1h30m.
refusal-duration-range = A duration lies between 1 second and 365 days, or is permanent.
refusal-duration-repeated = “{ $text }” has a unit twice. Try 1h30m.
refusal-duration-sign = “{ $text }” has a sign. Just write how long, such as 10m.
refusal-duration-unknown = I do not understand “{ $text }” as a duration. Try 10m, 1h30m, 2d, permanent.

refusal-no-community = Choose this server's community first: `/settings community`.
refusal-empty-app = There is no community in the IM app yet.
refusal-community-gone = The community of this server ({ $community }) does not exist any more. Choose another: `/settings community`.
refusal-unknown-community = There is no community “{ $text }”.
refusal-ambiguous-community = More than one community is called “{ $text }”. Give the id: { $candidates }
refusal-unknown-channel = There is no channel “{ $text }” in { $community }.
refusal-ambiguous-channel = More than one channel is called “{ $text }”. Give the id: { $candidates }
refusal-member-name = “{ $text }” cannot be a member: names have 1 to 64 letters, digits, _ . or -
refusal-unknown-member = “{ $text }” is not in #{ $channel }.

refusal-owner = { $member } owns the community and cannot be muted.
refusal-already-muted = { $member } is muted in #{ $channel } already, until <t:{ $until }:f>. Extend or undo that one.
refusal-already-muted-permanent = { $member } is muted in #{ $channel } already, permanently.
refusal-already-permanent = { $member } is muted permanently already.
refusal-not-muted = { $member } is not muted in #{ $channel }.
refusal-busy = Somebody is changing the mute of { $member } in #{ $channel } right now. Look again in a moment.
refusal-overtaken = Somebody else was quicker with { $member }. Look at the case again.
refusal-nothing-to-undo = You did nothing in the last 24 hours that can be undone.
refusal-unknown-case = There is no case “{ $case }” here.
refusal-already-undone = Case #{ $case } is undone already.
refusal-case-over = Case #{ $case } is over; there is nothing to change any more.
refusal-busy-deed = Somebody is changing the same thing right now. Look again in a moment.
refusal-moved-on = Case #{ $case } cannot be undone: what it changed has been changed again since.
refusal-renamed = “{ $before }” is called “{ $name }” by now. Nothing was deleted; look at it again.
refusal-end-untold = Case #{ $case } cannot be undone: the IM did not tell how long that mute was to last. Mute { $member } again with `/mute`.
refusal-unknown-user = The IM has no user “{ $text }”.
refusal-unknown-alert = This alert does not exist any more.
refusal-log-channel = I cannot write in #{ $channel } yet. Allow me there: { $permissions }.

error-im-down = The IM cannot be reached. Try again in a moment.
error-im-slow = The IM did not answer in time. Try again in a moment.
error-im-busy = The IM is busy. Try again in a few seconds.
error-im-credentials = The IM does not accept the bot's credentials. Whoever runs the bot should run `warden check`.
error-im-not-found = The IM does not know this member or channel any more.
error-im-nonsense = The IM gave an answer that I do not understand.
error-im-argument = The IM would not take this { $field }. Nothing was changed.
error-im-refused = The IM refused: { $why }
error-im-uncertain = It may have happened all the same: look before you repeat it.
error-unsettled = The IM did not answer. Case #{ $case } settles by itself within a minute; do not repeat it.
error-unexpected = That went wrong on my side. Nothing you did is the cause.
error-reference = Reference `{ $reference }`
