# What users of the IM saved: /collection.
saved-title = 🔖 Collections of { $owner }
saved-none = Nothing is saved here.
saved-only-type = Only type { $type }
saved-only-since = Since { $when }
saved-only-until = Until { $when }
saved-line = { $when } · type { $type }
count-saved = { $count ->
    [one] { $count } item
   *[other] { $count } items
}
saved-at-least = at least { $count } items
page-number = page { $page }
saved-option = { $age } ago · { $data }

saved-open = Open an item
saved-item-title = 🔖 Item of { $owner }
saved-item-type = **Type** { $type }
saved-item-since = **Saved** { $when }
button-edit-ext = Edit ext
button-delete-item = Delete

saved-added = Saved an item for { $member }
saved-add = save an item for { $member }
saved-edited = Changed the ext of an item of { $member }
saved-edit = change the ext of an item of { $member }
saved-deleted = { $count ->
    [one] Deleted { $count } item of { $member }
   *[other] Deleted { $count } items of { $member }
}
saved-delete = { $count ->
    [one] delete { $count } item of { $member }
   *[other] delete { $count } items of { $member }
}
saved-imported = { $how ->
    [back] { $count ->
        [one] Put back { $count } item of { $member }
       *[other] Put back { $count } items of { $member }
    }
   *[file] { $count ->
        [one] Imported { $count } item for { $member }
       *[other] Imported { $count } items for { $member }
    }
}
saved-import = { $how ->
    [back] { $count ->
        [one] put back { $count } item of { $member }
       *[other] put back { $count } items of { $member }
    }
   *[file] { $count ->
        [one] import { $count } item for { $member }
       *[other] import { $count } items for { $member }
    }
}

saved-card-item = **Item** { $data } · type { $type }
saved-card-id = **ID** { $id }
saved-card-ext = **Ext** { $ext }
saved-card-ext-none = **Ext** empty now
saved-card-types = **Types (how many)** { $types }
saved-card-same = { $count ->
    [one] { $count } was there already.
   *[other] { $count } were there already.
}
saved-card-others = { $count ->
    [one] { $count } was left alone: its id has other content.
   *[other] { $count } were left alone: their ids have other content.
}
saved-card-changed = { $count ->
    [one] { $count } was left alone: it was changed since.
   *[other] { $count } were left alone: they were changed since.
}
saved-card-unsure = The IM never answered. A part may not have been done.
saved-card-not-kept = Too large to be kept: this cannot be undone.
saved-failed-gone = ⚠️ { $count } not done: gone already.
saved-failed-other = ⚠️ { $count } not done: the id has other content.
saved-failed-unreachable = ⚠️ { $count } not done: the IM could not be reached.
saved-failed-refused = ⚠️ { $count } not done: the IM refused.
saved-failed-unknown = ⚠️ { $count } perhaps not done: the IM did not answer.

confirm-saved-delete = { $count ->
    [1] Delete **1** item of **{ $owner }**?
        • { $first }
    [2] Delete **2** items of **{ $owner }**?
        • { $first }
        • { $second }
   *[other] Delete **{ $count }** items of **{ $owner }**? The first three:
        • { $first }
        • { $second }
        • { $third }
}
    Undo brings everything back, with id, time and ext.
confirm-saved-import = { $count ->
    [one] Import **{ $count }** item for **{ $owner }**?
   *[other] Import **{ $count }** items for **{ $owner }**?
}
    Types (how many): { $types }
    There already: { $same }
    Left alone, because the id has other content: { $others }
    Undo deletes what this import adds.

saved-form-title = Ext of an item
saved-form-ext = Ext
saved-form-empty = Leave it empty to clear it.
saved-form-unknown = I do not have the present ext at hand. What you write replaces it; empty clears it.
saved-importing = Importing: { $done } of { $total }
saved-reading = Reading: { $done } so far
saved-exported = { $count ->
    [one] 📤 { $count } item of **{ $owner }**, as JSON lines. `/collection import` reads it back.
   *[other] 📤 { $count } items of **{ $owner }**, as JSON lines. `/collection import` reads them back.
}
saved-export-missing = ⚠️ { $count } more did not fit into what Discord lets me attach.
saved-bad-line = • Line { $number }: { $why }
saved-more-lines = … and { $count } more
button-mend = Fix it here
saved-mend-title = Fix the file
saved-mend-text = Content
saved-mend-hint = Fix the lines I named, then send.
flaw-json = not a JSON object
flaw-csv = a quote or a comma too many
flaw-field = an unknown field; there are id, data, type, ext, created
flaw-data = `data` must be text
flaw-type = `type` must be a whole number of 32 bits
flaw-ext = `ext` must be text, or left out
flaw-id = `id` must be text of 1 to 512 characters, or left out
flaw-twice = its `id` stands in the file twice
flaw-created = `created` must be a time such as 2026-01-31T12:00Z, or milliseconds
flaw-size = too large for one item

refusal-moment = I do not understand “{ $text }” as a time. Try 2026-01-31, 2026-01-31T12:00 (UTC), 7d, 12h or 90m.
refusal-span = “since” is later than “until”.
refusal-unknown-collection = { $owner } has no item “{ $text }”. Choose it from the list.
refusal-no-collections = Name at least one item. Choose it from the list.
refusal-many-collections = { $count } are too many at once: name at most { $most }, or use `/collection cleanup`.
refusal-same-ext = The ext is that already.
refusal-ext-too-long = This ext is too long for a form. Give the new one with the option `ext`.
refusal-saved-type = A type is a whole number of 32 bits: -2147483648 to 2147483647.
refusal-saved-size = An item has room for { $limit } bytes.
refusal-saved-too-much = That is too large to be kept for an undo. Take fewer items, or use `/collection cleanup`.
refusal-saved-not-kept = Case #{ $case } cannot be undone: what it deleted was too large to be kept.
refusal-nothing-saved = { $owner } has saved nothing.
refusal-import-unreadable = Discord did not give me the file. Attach it again.
refusal-import-size = The file is too large: at most { $limit } MB. Split it.
refusal-import-many = The file has too many items: at most { $most }. Split it.
refusal-import-encoding = The file is not UTF-8 text. Save it as UTF-8.
refusal-import-header = The first line must name the columns: data and type, and if you like id, ext, created.
refusal-import-empty = There is no item in the file.
refusal-import-lines = { $count ->
    [one] { $count } line is wrong. Nothing was imported.
   *[other] { $count } lines are wrong. Nothing was imported.
}
refusal-import-nothing-new = There is nothing new for { $owner } in it: { $same } there already, { $others } with an id that has other content.
