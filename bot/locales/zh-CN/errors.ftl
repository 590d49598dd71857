# 拒绝（无编号）与故障（有编号）。
refusal-needs-moderator = 此操作仅限管理员。
refusal-needs-admin = 此操作仅限服务器管理者。
refusal-option = “{ $text }”在这里不可用，请从列表中选择。
refusal-command-changed = 此命令已更新。请按 Ctrl+R 或重新打开 Discord 后再试。

refusal-duration-bare = “{ $text }”没有单位。可以写 { $text }m（分钟），或 10m、1h30m、2天、永久。
refusal-duration-month = “{ $text }”不明确：m 表示分钟，而每个月长短不一。请写 30d 或 4w。
refusal-duration-order = “{ $text }”的单位顺序不对，请从大到小，例如 1h30m。
refusal-duration-range = 时长须在 1 秒到 365 天之间，或为永久。
refusal-duration-repeated = “{ $text }”中有重复的单位，请写 1h30m。
refusal-duration-sign = “{ $text }”带有正负号，直接写时长即可，例如 10m。
refusal-duration-unknown = 看不懂时长“{ $text }”。可以写 10m、1h30m、2天、永久。

refusal-no-community = 请先选择本服务器的社区：`/settings community`。
refusal-empty-app = IM 应用中还没有社区。
refusal-community-gone = 本服务器的社区（{ $community }）已不存在，请另选一个：`/settings community`。
refusal-unknown-community = 没有社区“{ $text }”。
refusal-ambiguous-community = 有多个社区名为“{ $text }”，请填写 ID：{ $candidates }
refusal-unknown-channel = { $community } 中没有频道“{ $text }”。
refusal-ambiguous-channel = 有多个频道名为“{ $text }”，请填写 ID：{ $candidates }
refusal-member-name = “{ $text }”不是有效的成员名：只能是 1 到 64 个字母、数字、_ . 或 -
refusal-unknown-member = “{ $text }”不在 #{ $channel } 中。

refusal-owner = { $member } 是社区所有者，不能被禁言。
refusal-already-muted = { $member } 在 #{ $channel } 中已被禁言至 <t:{ $until }:f>。请延长或撤销那一条。
refusal-already-muted-permanent = { $member } 在 #{ $channel } 中已被永久禁言。
refusal-already-permanent = { $member } 已被永久禁言。
refusal-not-muted = { $member } 在 #{ $channel } 中未被禁言。
refusal-busy = 有人正在更改 { $member } 在 #{ $channel } 的禁言，请稍后再看。
refusal-overtaken = 有人先一步处理了 { $member }，请重新查看记录。
refusal-nothing-to-undo = 最近 24 小时内你没有可以撤销的操作。
refusal-unknown-case = 这里没有记录“{ $case }”。
refusal-already-undone = 记录 #{ $case } 已被撤销。
refusal-case-over = 记录 #{ $case } 已结束，无法再更改。
refusal-busy-deed = 有人正在处理同一事项，请稍后再看。
refusal-moved-on = 记录 #{ $case } 无法撤销：它改动的内容后来又有变动。
refusal-renamed = “{ $before }”现已改名为“{ $name }”，未删除任何内容，请重新查看。
refusal-end-untold = 记录 #{ $case } 无法撤销：IM 没有说明该禁言的结束时间。请用 `/mute` 重新禁言 { $member }。
refusal-unknown-user = IM 中没有用户“{ $text }”。
refusal-unknown-alert = 此警报已不存在。
refusal-log-channel = 机器人还不能在 #{ $channel } 发言。请在那里授予：{ $permissions }。

error-im-down = 无法连接 IM，请稍后再试。
error-im-slow = IM 没有及时答复，请稍后再试。
error-im-busy = IM 正忙，请几秒后再试。
error-im-credentials = IM 不接受机器人的凭据，请机器人的运维人员运行 `warden check`。
error-im-not-found = IM 中已没有这位成员或这个频道。
error-im-nonsense = IM 的答复无法理解。
error-im-argument = IM 不接受这里的 { $field }，未做任何更改。
error-im-refused = IM 拒绝了：{ $why }
error-im-uncertain = 操作可能仍已生效，重试之前请先查看。
error-unsettled = IM 没有答复。记录 #{ $case } 会在一分钟内自动核实，请勿重复操作。
error-unexpected = 机器人出了问题，与你的操作无关。
error-reference = 参考编号 `{ $reference }`
