# IM 用户的收藏：/collection。
saved-title = 🔖 { $owner } 的收藏
saved-none = 这里没有收藏。
saved-only-type = 仅类型 { $type }
saved-only-since = 从 { $when } 起
saved-only-until = 到 { $when } 止
saved-line = { $when } · 类型 { $type }
count-saved = { $count } 条收藏
saved-at-least = 至少 { $count } 条收藏
page-number = 第 { $page } 页
saved-option = { $age }前 · { $data }

saved-open = 打开一条收藏
saved-item-title = 🔖 { $owner } 的一条收藏
saved-item-type = **类型** { $type }
saved-item-since = **收藏于** { $when }
button-edit-ext = 修改扩展信息
button-delete-item = 删除

saved-added = 已为 { $member } 添加一条收藏
saved-add = 为 { $member } 添加一条收藏
saved-edited = 已修改 { $member } 一条收藏的扩展信息
saved-edit = 修改 { $member } 一条收藏的扩展信息
saved-deleted = 已删除 { $member } 的 { $count } 条收藏
saved-delete = 删除 { $member } 的 { $count } 条收藏
saved-imported = { $how ->
    [back] 已恢复 { $member } 的 { $count } 条收藏
   *[file] 已为 { $member } 导入 { $count } 条收藏
}
saved-import = { $how ->
    [back] 恢复 { $member } 的 { $count } 条收藏
   *[file] 为 { $member } 导入 { $count } 条收藏
}

saved-card-item = **收藏** { $data } · 类型 { $type }
saved-card-id = **ID** { $id }
saved-card-ext = **扩展信息** { $ext }
saved-card-ext-none = **扩展信息** 现已清空
saved-card-types = **类型（条数）** { $types }
saved-card-same = { $count } 条原本就有。
saved-card-others = { $count } 条未动：同一 ID 下另有内容。
saved-card-changed = { $count } 条未动：之后已被修改。
saved-card-unsure = IM 一直没有答复，可能有一部分未完成。
saved-card-not-kept = 内容过大，未能保留，因此无法撤销。
saved-failed-gone = ⚠️ { $count } 条未处理：已不存在。
saved-failed-other = ⚠️ { $count } 条未处理：该 ID 下另有内容。
saved-failed-unreachable = ⚠️ { $count } 条未处理：无法连接 IM。
saved-failed-refused = ⚠️ { $count } 条未处理：IM 拒绝。
saved-failed-unknown = ⚠️ { $count } 条可能未处理：IM 没有答复。

confirm-saved-delete = { $count ->
    [1] 确定删除 **{ $owner }** 的 **1** 条收藏吗？
        • { $first }
    [2] 确定删除 **{ $owner }** 的 **2** 条收藏吗？
        • { $first }
        • { $second }
   *[other] 确定删除 **{ $owner }** 的 **{ $count }** 条收藏吗？前三条：
        • { $first }
        • { $second }
        • { $third }
}
    撤销可恢复它们，ID、时间和扩展信息不变。
confirm-saved-import = 确定为 **{ $owner }** 导入 **{ $count }** 条收藏吗？
    类型（条数）：{ $types }
    原本就有：{ $same }
    因同一 ID 下另有内容而不动：{ $others }
    撤销会删除本次导入所添加的收藏。

saved-form-title = 收藏的扩展信息
saved-form-ext = 扩展信息
saved-form-empty = 留空则清除。
saved-form-unknown = 未能取得现有的扩展信息。所填内容会取代它，留空则清除。
saved-importing = 正在导入：{ $done } / { $total }
saved-reading = 正在读取：已读 { $done } 条
saved-exported = 📤 **{ $owner }** 的 { $count } 条收藏，JSONL 格式，可用 `/collection import` 导回。
saved-export-missing = ⚠️ 还有 { $count } 条超出 Discord 允许的附件大小，未能放入。
saved-bad-line = • 第 { $number } 行：{ $why }
saved-more-lines = …… 还有 { $count } 行
button-mend = 在此修改
saved-mend-title = 修改文件
saved-mend-text = 内容
saved-mend-hint = 改好所指出的行后提交。
flaw-json = 不是 JSON 对象
flaw-csv = 引号或逗号多了
flaw-field = 有未知字段；可用的字段是 id、data、type、ext、created
flaw-data = `data` 须为文本
flaw-type = `type` 须为 32 位整数
flaw-ext = `ext` 须为文本，或不填
flaw-id = `id` 须为 1 至 512 个字符的文本，或不填
flaw-twice = `id` 在文件中重复
flaw-created = `created` 须为 2026-01-31T12:00Z 这样的时间，或毫秒数
flaw-size = 单条收藏过大

refusal-moment = 看不懂时间“{ $text }”。可以写 2026-01-31、2026-01-31T12:00（UTC）、7d、12h 或 90m。
refusal-span = 起始时间晚于截止时间。
refusal-unknown-collection = { $owner } 没有收藏“{ $text }”，请从列表中选择。
refusal-no-collections = 请至少指定一条收藏，可从列表中选择。
refusal-many-collections = 一次 { $count } 条太多了：最多 { $most } 条，或使用 `/collection cleanup`。
refusal-same-ext = 扩展信息本来就是这样。
refusal-ext-too-long = 扩展信息过长，无法放入表单。请用选项 `ext` 填写新的内容。
refusal-saved-type = 类型须为 32 位整数：-2147483648 至 2147483647。
refusal-saved-size = 单条收藏最多 { $limit } 字节。
refusal-saved-too-much = 内容过大，无法保留以供撤销。请减少条数，或使用 `/collection cleanup`。
refusal-saved-not-kept = 记录 #{ $case } 无法撤销：所删内容过大，未能保留。
refusal-nothing-saved = { $owner } 没有任何收藏。
refusal-import-unreadable = 未能从 Discord 取得文件，请重新上传。
refusal-import-size = 文件过大：最多 { $limit } MB，请拆分。
refusal-import-many = 文件中的收藏过多：最多 { $most } 条，请拆分。
refusal-import-encoding = 文件不是 UTF-8 文本，请另存为 UTF-8。
refusal-import-header = 第一行须为列名：data 和 type，可选 id、ext、created。
refusal-import-empty = 文件中没有收藏。
refusal-import-lines = { $count } 行有误，未导入任何内容。
refusal-import-nothing-new = 其中没有 { $owner } 的新收藏：{ $same } 条原本就有，{ $others } 条的 ID 下另有内容。
