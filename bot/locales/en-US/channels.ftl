# Creating, editing and deleting channels, and speaking in them.
channel-created = Created #{ $channel }
channel-create = create #{ $channel }
channel-edited = Edited #{ $channel }
channel-edit = edit #{ $channel }
channel-deleted = Deleted #{ $channel }
channel-delete = delete #{ $channel }
channel-said = Said in #{ $channel }
channel-say = say something in #{ $channel }
channel-kind = { $public ->
    [yes] 🌐 Public
   *[no] 🔒 Private
} { $voice ->
    [yes] voice channel
   *[no] text channel
}
channel-change-name = **Name** { $before } → { $after }
channel-change-description = **Description** { $before } → { $after }
channel-change-room = **Room for** { $before } → { $after }
channel-change-custom = **Custom** { $before } → { $after }

confirm-channel-twin = **{ $community }** has a channel **#{ $channel }** already. Create another one of the same name? They can then only be told apart by id.
confirm-channel-delete = Delete the { $kind ->
    [private] private
   *[other] public
} channel **#{ $channel }** with { $count ->
    [one] its { $count } member
   *[other] its { $count } members
}? Its threads and messages are gone for good. This cannot be undone.
refusal-channel-name = A channel's name has 1 to { $most } characters; this one has { $count }.
refusal-channel-text = This text may have { $most } characters; it has { $count }.
refusal-channel-room = The number of members is a whole number from 1 to { $most } here.
refusal-channel-unchanged = Nothing about #{ $channel } would change.
refusal-channel-overtaken = Somebody else has just changed the same about #{ $channel }. Look at it again.
refusal-delete-default = #{ $channel } is the community's default channel, which the IM does not let anybody delete.
refusal-say-nothing = There is nothing to say: the text is empty.
refusal-say-long = The text is too long for the IM: { $size } bytes, and { $most } is the most.
refusal-unknown-category = There is no category “{ $text }” in { $community }.
refusal-ambiguous-category = More than one category is called “{ $text }”. Give the id: { $candidates }

channel-form-title = Edit #{ $channel }
channel-form-name = Name
channel-form-description = Description
channel-form-room = Most members (1 to { $most })
channel-form-custom = Custom (for programs)
channel-form-cold = The IM is slow at the moment. Press the button to open the form.
channel-form-open = Open the form
channel-form-again = Edit again
channel-form-typed = What you typed
channel-form-gone = What you typed is no longer kept, but you can copy it from above. Give the command again.

channels-created = Channels in { $community } that { $member } created
channels-joined = Channels in { $community } that { $member } is in
