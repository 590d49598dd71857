# 列表、提问与时长共用的文字。
button-confirm = 确认
button-cancel = 取消
button-previous = 上一页
button-next = 下一页
page-of = 第 { $page } / { $pages } 页
list-not-yours = 这是别人打开的列表，请自己使用命令。
question-cancelled = 已取消，未做任何更改。
question-timed-out = 2 分钟内没有回应，未做任何更改。
question-gone = 此确认已失效，未做任何更改；请重新使用命令。
form-gone = 此表单是在重启前打开的，未做任何更改；请复制已填写的内容，然后重新使用命令。
question-not-yours = 只有使用命令的人可以操作。

duration-permanent = 永久
duration-weeks = { $count }周
duration-days = { $count }天
duration-hours = { $count }小时
duration-minutes = { $count }分钟
duration-seconds = { $count }秒
