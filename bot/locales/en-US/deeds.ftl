# What all deeds share: cases of everything that is no mute.
deed-title-pending = ⏳ Under way: { $deed }
deed-title-failed = ⚠️ Not done: { $deed }
deed-title-undone = ↩️ Undone: { $deed }
deed-brief = { $emoji } **#{ $case }** · { $deed }
deed-option = #{ $case } { $deed }
deed-line-undone-by = **Undone** by { $staff }
failure-unknown-outcome = The IM never answered, and nothing shows whether it happened. Look before you repeat it.
