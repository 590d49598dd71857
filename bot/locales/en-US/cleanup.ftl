# Cleaning up collections: previews, runs, policies, jobs.
command-policy = Rules that clean up collections again and again
command-policy-add = Clean up old collections on a schedule
command-policy-list = List the cleanup policies of this server
command-policy-pause = Pause a policy, or resume a paused one
command-policy-remove = Remove a policy for good
command-job = What is scheduled and under way
command-job-list = List what is under way and what is scheduled
command-job-run = Start a policy now, or go on with a cleanup that was cancelled
command-job-cancel = Stop a cleanup at its next step
command-collection-cleanup = Delete old collections, after a look at them
command-collection-restore = Put back what a cleanup deleted
option-older-than = Only what was saved longer ago than this: 30d, 12h, 8w
option-cleanup-owner = One user of the IM (or a channel, or a community)
option-cleanup-channel = The members of one IM channel: name or id
option-cleanup-community = The members of a whole community: name or id
option-cleanup-type = Only this type of collection; all if left out
option-keep = Items with this word in their ext are never deleted; keep if left out
option-schedule = A time such as 03:00, or five cron fields such as 0 3 * * 0
option-timezone = Time zone of that time, such as Asia/Shanghai; UTC if left out
option-policy = Policy, for example policy-3
option-job-run = Job, for example policy-3 or run-12
option-job-cancel = Job under way, for example run-12
option-run = Cleanup, for example run-12

cleanup-target = { $kind ->
    [channel] collections of members of #{ $name }
    [community] collections of members of { $name }
   *[owner] collections of { $name }
}
cleanup-line-rule = Older than { $age }: saved before { $cutoff }
cleanup-line-age = Older than { $age }
cleanup-line-type = Only type { $type }
cleanup-line-keep = Never if “{ $keep }” is in the ext

preview-title = 🧹 Clean up: { $target }?
preview-line-count = { $count ->
    [one] **{ $count }** saved item will be deleted.
   *[other] **{ $count }** saved items will be deleted.
}
preview-line-at-least = At least **{ $count }** saved items will be deleted. I stopped counting there.
preview-line-owners = { $count ->
    [one] { $count } user looked at
   *[other] { $count } users looked at
}
preview-line-kept = { $count ->
    [one] { $count } item stays, because of “{ $keep }”
   *[other] { $count } items stay, because of “{ $keep }”
}
preview-line-ages = From { $oldest } to { $newest }
preview-line-sample = For example:
preview-line-item = • { $owner }, { $when }: { $data }
preview-line-undo = { $days ->
    [one] Can be put back for { $days } day.
   *[other] Can be put back for { $days } days.
}

run-title-cleaning = 🧹 Cleaning up: { $target }
run-title-cleaned = ✅ Cleaned up: { $target }
run-title-restoring = ♻️ Putting back: { $target }
run-title-restored = ✅ Put back: { $target }
run-title-cancelling = ⏳ Stopping: { $target }
run-title-cancelled = ⏹️ Stopped: { $target }
run-title-failed = ⚠️ Not done: { $target }
run-line-deleted = { $count ->
    [one] **{ $count }** item deleted
   *[other] **{ $count }** items deleted
}
run-line-deleted-of = **{ $count }** of { $planned } items deleted
run-line-restored = { $count ->
    [one] **{ $count }** item put back
   *[other] **{ $count }** items put back
}
run-line-restored-of = **{ $count }** of { $planned } items put back
run-line-kept = { $count ->
    [one] { $count } item kept
   *[other] { $count } items kept
}
run-line-there = { $count ->
    [one] { $count } item was there already
   *[other] { $count } items were there already
}
run-line-refused = ⚠️ { $count ->
    [one] The IM did not accept { $count } item.
   *[other] The IM did not accept { $count } items.
}
run-line-owners = { $done } of { $count } users done
run-line-listing = Looking up the members
run-line-rate = { $rate } a second
run-line-left = About { $duration } left
run-line-waiting = ⚠️ The IM gives trouble. I try again { $when }.
run-line-failed =
    ⚠️ { $count ->
        [one] { $count } user could not be finished:
       *[other] { $count } users could not be finished:
    }
run-line-failure = • { $owner }: { $why }
run-line-stopped = Stopped before its end
run-line-why = **Why** { $why }
run-line-policy = **By** policy-{ $policy }
run-line-restore = Can be put back until { $until }: `/collection restore` { $run }
run-line-resume = Go on with it: `/job run` { $run }
run-number = run-{ $run } · case #{ $case }
run-elsewhere = ↪️ I was restarted. run-{ $run } goes on in a newer message.
button-stop = Cancel
button-restore = Put back
run-option = run-{ $run }: { $target }, { $count ->
    [one] { $count } item
   *[other] { $count } items
}

restore-question = { $count ->
    [one] Put **{ $count }** item of run-{ $run } back, with its original id and time?
   *[other] Put **{ $count }** items of run-{ $run } back, with their original ids and times?
}
restore-note = What was saved again in the meantime stays as it is.

policy-added = ✅ policy-{ $policy } is set.
policy-paused = ⏸️ policy-{ $policy } is paused. `/policy pause` again resumes it.
policy-resumed = ▶️ policy-{ $policy } is resumed.
policy-removed = 🗑️ policy-{ $policy } is removed.
policy-removed-stopping = 🗑️ policy-{ $policy } is removed. Its cleanup is being stopped.
policies-title = 🧹 Cleanup policies
policies-none = There are no policies. Add one with `/policy add`.
count-policies = { $count ->
    [one] { $count } policy
   *[other] { $count } policies
}
policy-line = **policy-{ $policy }** · { $target }
policy-line-when = { $schedule } ({ $timezone })
policy-line-next = Next { $when }
policy-line-paused = ⏸️ Paused
policy-line-never = Will not run again
policy-line-running = Under way as run-{ $run }
policy-line-daily = Every day at { $time }
policy-option = policy-{ $policy }: { $target }, { $schedule }

schedule-nightly = every night at three
schedule-weekly = every Monday at three
schedule-monthly = on the 1st at three
schedule-hourly = every hour

jobs-title = ⏰ Jobs
job-line-run = **run-{ $run }** · { $title }
job-line-reconcile = **reconcile** · mutes compared with the IM
job-line-last = Last { $when }
job-line-not-yet = Not yet
count-jobs = { $count ->
    [one] { $count } job
   *[other] { $count } jobs
}
job-reconciled = ✅ Compared with the IM.
job-option-reconcile = reconcile: compare mutes with the IM

cleanup-done = Cleaned up: { cleanup-target }
cleanup-deed = clean up { cleanup-target }
restored-done = Put back: { cleanup-target }
restored-deed = put back { cleanup-target }
policy-done = { $change ->
    [add] Policy added: { cleanup-target }
    [pause] Policy paused: { cleanup-target }
    [resume] Policy resumed: { cleanup-target }
   *[remove] Policy removed: { cleanup-target }
}
policy-deed = { $change ->
    [add] add a policy for { cleanup-target }
    [pause] pause the policy for { cleanup-target }
    [resume] resume the policy for { cleanup-target }
   *[remove] remove the policy for { cleanup-target }
}

refusal-one-target = Choose exactly one of owner, channel and community.
refusal-older-permanent = “Older than” needs a duration, such as 30d. Nothing is older than permanent.
refusal-cleanup-nothing = { $count ->
    [0] There is nothing that old to delete.
    [one] There is nothing that old to delete: { $count } item is kept because of the keep word.
   *[other] There is nothing that old to delete: { $count } items are kept because of the keep word.
}
refusal-cleanup-nothing-yet = There is nothing to delete in what I could look at. Choose a smaller target, such as one channel or owner.
refusal-unknown-run = There is no cleanup “{ $run }” here. `/job list` shows what is under way.
refusal-run-is-restore = run-{ $run } itself puts something back. Choose the cleanup.
refusal-run-going = run-{ $run } is still under way. Cancel it first: `/job cancel`.
refusal-restore-going = What run-{ $run } deleted is being put back already.
refusal-restore-late = What run-{ $run } deleted is not kept any more: { $count ->
    [one] it could be put back for { $count } day.
   *[other] it could be put back for { $count } days.
}
refusal-restore-nothing = There is nothing of run-{ $run } to put back.
refusal-run-over = run-{ $run } is over already.
refusal-run-going-already = run-{ $run } is under way already.
refusal-run-put-back = What run-{ $run } deleted has been put back. Start a new cleanup instead: `/collection cleanup`.
refusal-run-done = run-{ $run } is done. There is nothing left to do.
refusal-schedule = “{ $text }” is no schedule. Write a time such as 03:00, or five cron fields such as 0 3 * * 0 (Sundays at three).
refusal-schedule-never = “{ $text }” never comes. Choose a date that exists.
refusal-timezone = There is no time zone “{ $text }”. Write one such as Asia/Shanghai, or choose it from the list.
refusal-unknown-policy = There is no policy “{ $policy }” here. `/policy list` shows them.
refusal-policies-many = There are { $count } policies already. Remove one first.
refusal-policy-going = policy-{ $policy } is under way already, as run-{ $run }.
refusal-unknown-job = There is no job “{ $job }” here. `/job list` shows them.
refusal-job-not-running = “{ $job }” is not under way, so there is nothing to cancel.
