# Channels and members of the IM.
channels-all = Channels of { $community }
channels-public = Public channels of { $community }
channels-private = Private channels of { $community }
channels-none = There are none.
channel-line-text = 💬 **{ $channel }**
channel-line-voice = 🔊 **{ $channel }**
channel-private = private
channel-default = default
count-channels = { $count ->
    [one] { $count } channel
   *[other] { $count } channels
}

channel-title = #{ $channel }
channel-line-public = 🌐 Public: everybody in the community may join
channel-line-private = 🔒 Private: by invitation
channel-line-is-voice = 🔊 Voice channel
channel-line-default = ⭐ The community's default channel
channel-line-owner = **Owner** { $owner }
channel-line-room = **Room for** { $count }
channel-line-created = **Created** { $when }
channel-line-id = **ID** { $id }

members-title = Members of #{ $channel }
members-none = Nobody is here.
member-line = • { $member }
member-line-owner = 👑 { $member }
count-members = { $count ->
    [one] { $count } member
   *[other] { $count } members
}
count-muted = { $count } muted
count-cases = { $count ->
    [one] { $count } case
   *[other] { $count } cases
}

member-title = { $member } · #{ $channel }
member-line-in = ✅ Member of #{ $channel }
member-line-not-in = ➖ Not in #{ $channel }
member-line-not-muted = 🔊 Not muted
member-line-muted = 🔇 Muted, end unknown
member-line-muted-permanent = 🔇 Muted permanently
member-line-muted-until = 🔇 Muted until { $until }
role-owner = 👑 Owner of the community
role-moderator = 🛡️ Moderator of the community
role-member = 👤 Plain member of the community
