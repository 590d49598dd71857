# 清理收藏：预览、执行、策略、任务。
command-policy = 定期清理收藏的策略
command-policy-add = 按计划定期清理旧收藏
command-policy-list = 列出本服务器的清理策略
command-policy-pause = 暂停一条策略；已暂停的则继续执行
command-policy-remove = 彻底移除一条策略
command-job = 计划中和进行中的任务
command-job-list = 列出进行中和计划中的任务
command-job-run = 立即执行一条策略，或继续已取消的清理
command-job-cancel = 停止进行中的清理
command-collection-cleanup = 先预览，再删除旧的收藏
command-collection-restore = 恢复某次清理删除的收藏
option-older-than = 只清理收藏时间超过此时长的：30d、12h、8周
option-cleanup-owner = 一位 IM 用户（或频道、社区，三选一）
option-cleanup-channel = 某个 IM 频道的成员：名称或 ID
option-cleanup-community = 整个社区的成员：名称或 ID
option-cleanup-type = 只清理此类型的收藏；不填则为全部
option-keep = 扩展信息（ext）中含此词的永不删除；不填则为 keep
option-schedule = 时间如 03:00，或五段 cron，如 0 3 * * 0
option-timezone = 该时间所在时区，如 Asia/Shanghai；不填则为 UTC
option-policy = 策略，例如 policy-3
option-job-run = 任务，例如 policy-3 或 run-12
option-job-cancel = 进行中的任务，例如 run-12
option-run = 清理编号，例如 run-12

cleanup-target = { $kind ->
    [channel] #{ $name } 成员的收藏
    [community] { $name } 成员的收藏
   *[owner] { $name } 的收藏
}
cleanup-line-rule = { $age }以前的收藏（{ $cutoff } 之前）
cleanup-line-age = { $age }以前的收藏
cleanup-line-type = 仅类型 { $type }
cleanup-line-keep = 扩展信息含“{ $keep }”的不删除

preview-title = 🧹 清理 { $target }？
preview-line-count = 将删除 **{ $count }** 条收藏。
preview-line-at-least = 将删除至少 **{ $count }** 条收藏（未再往下统计）。
preview-line-owners = 涉及 { $count } 位用户
preview-line-kept = 因含“{ $keep }”而保留 { $count } 条
preview-line-ages = 从 { $oldest } 到 { $newest }
preview-line-sample = 例如：
preview-line-item = • { $owner }，{ $when }：{ $data }
preview-line-undo = { $days } 天内可以恢复。

run-title-cleaning = 🧹 正在清理：{ $target }
run-title-cleaned = ✅ 已清理：{ $target }
run-title-restoring = ♻️ 正在恢复：{ $target }
run-title-restored = ✅ 已恢复：{ $target }
run-title-cancelling = ⏳ 正在停止：{ $target }
run-title-cancelled = ⏹️ 已停止：{ $target }
run-title-failed = ⚠️ 未完成：{ $target }
run-line-deleted = 已删除 **{ $count }** 条
run-line-deleted-of = 已删除 **{ $count }** / { $planned } 条
run-line-restored = 已恢复 **{ $count }** 条
run-line-restored-of = 已恢复 **{ $count }** / { $planned } 条
run-line-kept = 保留 { $count } 条
run-line-there = { $count } 条原本就在
run-line-refused = ⚠️ IM 未接受其中 { $count } 条。
run-line-owners = 已完成 { $done } / { $count } 位用户
run-line-listing = 正在读取成员
run-line-rate = 每秒 { $rate } 条
run-line-left = 大约还需 { $duration }
run-line-waiting = ⚠️ IM 出现问题，{ $when }再试。
run-line-failed = ⚠️ { $count } 位用户的收藏未能处理完：
run-line-failure = • { $owner }：{ $why }
run-line-stopped = 中途停止
run-line-why = **原因** { $why }
run-line-policy = **来自** policy-{ $policy }
run-line-restore = { $until } 之前可以恢复：`/collection restore` { $run }
run-line-resume = 继续执行：`/job run` { $run }
run-number = run-{ $run } · 记录 #{ $case }
run-elsewhere = ↪️ 机器人已重启，run-{ $run } 的进度见较新的消息。
button-stop = 取消
button-restore = 恢复
run-option = run-{ $run }：{ $target }，{ $count } 条

restore-question = 确定恢复 run-{ $run } 删除的 **{ $count }** 条收藏吗？ID 和时间保持原样。
restore-note = 期间重新收藏的内容保持不变。

policy-added = ✅ 策略 policy-{ $policy } 已生效。
policy-paused = ⏸️ 策略 policy-{ $policy } 已暂停，再次使用 `/policy pause` 即可继续。
policy-resumed = ▶️ 策略 policy-{ $policy } 已继续。
policy-removed = 🗑️ 策略 policy-{ $policy } 已移除。
policy-removed-stopping = 🗑️ 策略 policy-{ $policy } 已移除，正在停止它的清理。
policies-title = 🧹 清理策略
policies-none = 还没有策略，可用 `/policy add` 添加。
count-policies = { $count } 条策略
policy-line = **policy-{ $policy }** · { $target }
policy-line-when = { $schedule }（{ $timezone }）
policy-line-next = 下次 { $when }
policy-line-paused = ⏸️ 已暂停
policy-line-never = 不会再执行
policy-line-running = 正在执行：run-{ $run }
policy-line-daily = 每天 { $time }
policy-option = policy-{ $policy }：{ $target }，{ $schedule }

schedule-nightly = 每天凌晨三点
schedule-weekly = 每周一凌晨三点
schedule-monthly = 每月 1 日凌晨三点
schedule-hourly = 每小时

jobs-title = ⏰ 任务
job-line-run = **run-{ $run }** · { $title }
job-line-reconcile = **reconcile** · 与 IM 核对禁言
job-line-last = 上次 { $when }
job-line-not-yet = 尚未执行
count-jobs = { $count } 个任务
job-reconciled = ✅ 已与 IM 核对。
job-option-reconcile = reconcile：与 IM 核对禁言

cleanup-done = 已清理：{ cleanup-target }
cleanup-deed = 清理 { cleanup-target }
restored-done = 已恢复：{ cleanup-target }
restored-deed = 恢复 { cleanup-target }
policy-done = { $change ->
    [add] 已添加清理策略：{ cleanup-target }
    [pause] 已暂停清理策略：{ cleanup-target }
    [resume] 已继续清理策略：{ cleanup-target }
   *[remove] 已移除清理策略：{ cleanup-target }
}
policy-deed = { $change ->
    [add] 添加清理策略（{ cleanup-target }）
    [pause] 暂停清理策略（{ cleanup-target }）
    [resume] 继续清理策略（{ cleanup-target }）
   *[remove] 移除清理策略（{ cleanup-target }）
}

refusal-one-target = 请在所有者、频道、社区中选一个，且只选一个。
refusal-older-permanent = “早于”需要一个时长，例如 30d，不能是永久。
refusal-cleanup-nothing = { $count ->
    [0] 没有这么早的收藏可删除。
   *[other] 没有这么早的收藏可删除：{ $count } 条因含保留词而保留。
}
refusal-cleanup-nothing-yet = 在已查看的范围内没有可删除的收藏。请缩小范围，例如某个频道或某位用户。
refusal-unknown-run = 这里没有清理“{ $run }”，可用 `/job list` 查看。
refusal-run-is-restore = run-{ $run } 本身就是一次恢复，请选择要恢复的清理。
refusal-run-going = run-{ $run } 仍在进行，请先取消：`/job cancel`。
refusal-restore-going = run-{ $run } 删除的收藏正在恢复中。
refusal-restore-late = run-{ $run } 删除的收藏已不再保留：只能在 { $count } 天内恢复。
refusal-restore-nothing = run-{ $run } 没有可恢复的收藏。
refusal-run-over = run-{ $run } 已经结束。
refusal-run-going-already = run-{ $run } 已在进行中。
refusal-run-put-back = run-{ $run } 删除的收藏已被恢复。请改为新建清理：`/collection cleanup`。
refusal-run-done = run-{ $run } 已完成，没有可继续的内容。
refusal-schedule = “{ $text }”不是有效的时间表。请写 03:00，或五段 cron，例如 0 3 * * 0（每周日三点）。
refusal-schedule-never = “{ $text }”永远不会到来，请选择存在的日期。
refusal-timezone = 没有时区“{ $text }”。请写 Asia/Shanghai 这样的名称，或从列表中选择。
refusal-unknown-policy = 这里没有策略“{ $policy }”，可用 `/policy list` 查看。
refusal-policies-many = 已有 { $count } 条策略，请先移除一条。
refusal-policy-going = policy-{ $policy } 已在进行中：run-{ $run }。
refusal-unknown-job = 这里没有任务“{ $job }”，可用 `/job list` 查看。
refusal-job-not-running = “{ $job }”没有在进行，无需取消。
