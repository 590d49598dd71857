# What lists, questions and durations share.
button-confirm = Confirm
button-cancel = Cancel
button-previous = Back
button-next = Next
page-of = page { $page } of { $pages }
list-not-yours = This list is somebody else's. Give the command yourself.
question-cancelled = Cancelled. Nothing was changed.
question-timed-out = No answer within 2 minutes. Nothing was changed.
question-gone = This question is no longer open. Nothing was changed; give the command again.
form-gone = This form was opened before a restart. Nothing was changed; copy what you typed and give the command again.
question-not-yours = Only the person who gave the command can use this.

duration-permanent = permanent
duration-weeks = { $count ->
    [one] { $count } week
   *[other] { $count } weeks
}
duration-days = { $count ->
    [one] { $count } day
   *[other] { $count } days
}
duration-hours = { $count ->
    [one] { $count } hour
   *[other] { $count } hours
}
duration-minutes = { $count ->
    [one] { $count } minute
   *[other] { $count } minutes
}
duration-seconds = { $count ->
    [one] { $count } second
   *[other] { $count } seconds
}
