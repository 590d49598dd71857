# Slash commands: names, descriptions, options, choices. A name is lower-case without spaces (1 to 32 characters), a
# description has at most 100. English names are fixed; they stand here so that both languages can be compared.
name-case = case
name-channel = channel
name-community = community
name-duration = duration
name-history = history
name-list = list
name-log = log
name-member = member
name-mute = mute
name-muted = muted
name-reason = reason
name-settings = settings
name-show = show
name-status = status
name-undo = undo
name-unmute = unmute
name-visibility = visibility

command-channel = Channels of the IM
command-channel-list = List the channels of a community
command-channel-show = Show one channel
command-history = Show what was done about a member, newest first
command-member = Members of the IM's channels
command-member-list = List the members of a channel
command-member-show = Show whether somebody is in a channel, as what, and muted or not
command-mute = Mute a member in a channel for a while
command-muted = Show who is muted in a channel, and until when
command-settings = What this server has set
command-settings-community = Choose the community this server looks after
command-settings-log = Choose the Discord channel that shows every case
command-status = Show how the bot, the IM and the timers are doing
command-undo = Take back a case; without a number, your latest one
command-unmute = Lift a member's mute now

option-case-undo = Number of the case, such as 12; your latest one if left out
option-channel = Channel in the IM: name or id
option-community = Community: name or id; this server's own if left out
option-community-settings = Community: name or id
option-duration = How long: 10m, 1h30m, 2d, permanent; 10 minutes if left out
option-log-channel = Discord channel for the log
option-member = Member in the IM
option-member-history = Member in the IM
option-reason = Why; goes into the log
option-reason-unmute = Why it is lifted; goes into the log
option-visibility = Which channels; all if left out

choice-all = All
choice-private = Private
choice-public = Public
