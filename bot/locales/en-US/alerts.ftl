# Alerts: what calls somebody, and the rota of who is called.
alert-title = { $trouble ->
    [stuck_unmutes] 🚨 Mutes that I cannot end
    [run_failed] 🚨 A cleanup has failed
    [restore_failed] 🚨 Putting back has failed
    [callbacks_refused] 🚨 I refuse the IM's callbacks
   *[log_refused] 🚨 The log channel refuses me
}
alert-title-healed = { $trouble ->
    [stuck_unmutes] ✅ Mutes end again
    [run_failed] ✅ The failed cleanup is settled
    [restore_failed] ✅ The failed putting back is settled
    [callbacks_refused] ✅ The IM's callbacks are right again
   *[log_refused] ✅ The log is shown again
}
alert-line-stuck = { $count ->
    [one] **{ $count }** mute is due, and the IM does not let me lift it.
   *[other] **{ $count }** mutes are due, and the IM does not let me lift them.
}
alert-line-run = run-{ $run } on { $target } stopped before it was done.
alert-line-callbacks = Callbacks arrive with a wrong signature, and no right one in between. Either the secret differs from the IM console's, or somebody else is calling.
alert-line-log-gone = The log channel is gone, so nobody sees my cases.
alert-line-log-forbidden = I may not write in the log channel, so nobody sees my cases.
alert-line-why = **Why** { $why }
alert-line-since = **Since** { $when }
alert-line-case = • { $member } · #{ $channel } · due { $due } · #{ $case }
alert-line-more = … and { $count } more
alert-line-bot = { $trouble ->
    [stuck_unmutes] **I** keep trying, every 30 seconds.
    [run_failed] **I** keep what it deleted, and wait for you.
    [restore_failed] **I** keep what is not back yet, and wait for you.
    [callbacks_refused] **I** take none of them in, and compare with the IM from time to time instead.
   *[log_refused] **I** keep every case, and show them all as soon as there is a log.
}
alert-line-do = { $trouble ->
    [stuck_unmutes] **You** see whether the IM is well, then press **Retry**.
    [run_failed] **You** see to the reason, then press **Retry** to go on where it stopped.
    [restore_failed] **You** see to the reason, then press **Retry** to go on where it stopped.
    [callbacks_refused] **You** compare the callback secret with the IM's console.
   *[log_refused] **You** allow me in the channel, or choose another with `/settings log`.
}
alert-line-docs = { $trouble ->
    [stuck_unmutes] 📖 `docs/operations.md` › Alert: unmutes are stuck
    [run_failed] 📖 `docs/operations.md` › Alert: a cleanup has failed
    [restore_failed] 📖 `docs/operations.md` › Alert: a cleanup has failed
    [callbacks_refused] 📖 `docs/operations.md` › Alert: callbacks are refused
   *[log_refused] 📖 `docs/operations.md` › Alert: the log channel refuses us
}
alert-line-seen = 👀 **{ $staff } takes care**, since { $when }
alert-line-snoozed = 💤 **Quiet until** { $until }, by { $staff }
alert-line-nobody = ℹ️ Nobody is on call: set a role with `/settings oncall`.
alert-line-next-call = ⏰ I call again { $when } if nobody answers.
alert-line-last-call = ⏰ That was my last call.
alert-line-healed = **Over since** { $when }
alert-line-lasted = **It lasted** { $duration }
alert-line-cared = **Taken care of by** { $staff }
alert-call = Call { $count } of { $most }
alert-elsewhere = 🚨 Still open. It goes on in a new message.
alert-in-person = 🚨 **{ $server }**: I cannot show this in the log channel, so I tell you.
alert-retrying = Trying again now. The alert tells when it is over.
status-alerts = { $count ->
    [one] 🚨 **{ $count }** alert is open
   *[other] 🚨 **{ $count }** alerts are open
}
status-alerts-unseen = 🔴 **{ $count }** of them reached nobody: set a log with `/settings log`
alert-snooze = Snooze…
alert-snooze-for = Quiet for { $duration }
button-retry = Retry
button-acknowledge = Acknowledge
