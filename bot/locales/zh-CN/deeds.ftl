# 除禁言以外的所有操作共用的文字。
deed-title-pending = ⏳ 进行中：{ $deed }
deed-title-failed = ⚠️ 未完成：{ $deed }
deed-title-undone = ↩️ 已撤销：{ $deed }
deed-brief = { $emoji } **#{ $case }** · { $deed }
deed-option = #{ $case } { $deed }
deed-line-undone-by = **撤销人** { $staff }
failure-unknown-outcome = IM 一直没有答复，也查不到操作是否生效。重试之前请先查看。
