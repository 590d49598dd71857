# Threads.
thread-created = Started thread “{ $thread }” in #{ $channel }
thread-create = start thread “{ $thread }” in #{ $channel }
thread-renamed = Renamed thread “{ $thread }” to “{ $name }”
thread-rename = rename thread “{ $thread }” to “{ $name }”
thread-deleted = Deleted thread “{ $thread }” in #{ $channel }
thread-delete = delete thread “{ $thread }” in #{ $channel }
thread-member-added = Added { $member } to thread “{ $thread }”
thread-member-add = add { $member } to thread “{ $thread }”
thread-member-removed = Removed { $member } from thread “{ $thread }”
thread-member-remove = remove { $member } from thread “{ $thread }”

thread-title = 🧵 { $thread }
thread-line-channel = **Channel** #{ $channel }
thread-line-owner = **Owner** { $owner }
thread-line-started = **Started** { $when }
thread-line-message = **Began with**
thread-line-message-id = **Began with** message { $id }
thread-line-id = **ID** { $id }

threads-title = Threads of #{ $channel }
threads-title-created = Threads that { $member } started in #{ $channel }
threads-title-joined = Threads of #{ $channel } that { $member } is in
threads-none = There are none.
threads-more = Only the first { $count } are shown; there are more.
thread-line = 🧵 **{ $thread }** · { $owner }, { $when }
thread-line-undated = 🧵 **{ $thread }** · { $owner }
count-threads = { $count ->
    [one] { $count } thread
   *[other] { $count } threads
}

confirm-thread-delete =
    Delete thread **{ $thread }** in #{ $channel }, owned by { $owner }?
    All messages in it are gone for good. This cannot be undone.

thread-form-title = Start a thread
thread-form-name = Name of the thread

refusal-unknown-thread = There is no thread “{ $text }” in this community.
refusal-ambiguous-thread = More than one thread is called “{ $text }”. Give the id: { $candidates }
refusal-thread-scope-member = Say whose threads: choose a member as well.
refusal-thread-scope-all = To see one member's threads, choose the scope created or joined as well.
refusal-thread-voice = #{ $channel } is a voice channel; threads exist in text channels only.
refusal-thread-name = The name of a thread has 1 to 50 characters.
refusal-thread-name-same = The thread is called “{ $thread }” already.
refusal-thread-name-unknown = Case #{ $case } cannot be undone: the IM never told what the thread was called before.
refusal-thread-exists = This message has a thread already, and a message can have only one.
refusal-thread-already-in = { $member } is in thread “{ $thread }” already.
refusal-thread-not-in = { $member } is not in thread “{ $thread }”.
refusal-thread-owner = { $member } owns thread “{ $thread }” and cannot be removed from it.
refusal-message-elsewhere = This message is in #{ $other }, not in #{ $channel }.
refusal-unknown-message = There is no such message in #{ $channel }.
