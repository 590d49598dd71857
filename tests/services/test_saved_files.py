"""Files of saved items: what is written reads back unchanged, what is wrong is told by its line."""

from __future__ import annotations

import csv
import io
import json

import pytest

from bot.imservice.domain import collections
from bot.services.model import CaseView
from bot.services.refusals import Refusal
from bot.services.saved.imports import LARGEST_FILE, BadLines, Flaw, Row, read_rows
from tests.services.conftest import ANNA, GUILD, World
from tests.services.test_saved import NOW, there

ODD = ['line\nbreak "quoted", comma; \u2028 \x85', "收藏 🥖", "", " ", "\ufeff", "=1+1", "`**", "\\ud800 is no half"]


def line(**cells: object) -> bytes:
    return json.dumps({"data": "d", "type": 1} | cells).encode() + b"\n"


def flaws(content: bytes) -> list[tuple[int, Flaw]]:
    with pytest.raises(BadLines) as bad:
        read_rows(content)
    return [(one.number, one.flaw) for one in bad.value.lines]


def refused(content: bytes) -> str:
    with pytest.raises(Refusal) as refusal:
        read_rows(content)
    return refusal.value.key


async def shelve_odd(world: World) -> None:
    times = [0, NOW, NOW + 123, 253_402_300_799_999]
    new = [
        collections.NewCollection(data or "id, with ~ separators", data, -(2**31) + n, ODD[-n] or None, times[n % 4])
        for n, data in enumerate(ODD)
    ]
    await world.service.write(lambda connection: collections.add(connection, "bob", new))


async def export(world: World, **more: int) -> tuple[list[bytes], int, int]:
    written = await world.services.saved.export("bob", **({"limit_bytes": 1_000_000, "most_parts": 10} | more))
    try:
        return [part.read() for part in written.parts], written.count, written.missing
    finally:
        written.close()


async def take_in(world: World, content: bytes, owner: str = "carl") -> CaseView:
    return await world.services.saved.import_rows(
        staff=ANNA, guild_id=GUILD, owner=owner, rows=read_rows(content), confirmed=True
    )


async def test_what_export_writes_import_reads_back_unchanged(world: World) -> None:
    await shelve_odd(world)
    parts, count, missing = await export(world)
    assert (len(parts), count, missing) == (1, len(ODD), 0)
    await take_in(world, parts[0])
    assert await there(world, "carl") == await there(world, "bob")
    with pytest.raises(Refusal, match="refusal-nothing-saved"):
        await world.services.saved.export("dora", limit_bytes=10, most_parts=1)


async def test_an_export_is_cut_into_parts_and_what_has_no_room_is_counted(world: World) -> None:
    new = [collections.NewCollection(f"i{n}", "x" * 1_000, 1, None, NOW + n) for n in range(250)]
    new.append(collections.NewCollection("big", "x" * 40_000, 1, None, NOW))
    await world.service.write(lambda connection: collections.add(connection, "bob", new))
    parts, count, missing = await export(world, limit_bytes=30_000, most_parts=10)
    assert (count, missing) == (250, 1)
    assert len(parts) == 10
    assert all(len(part) <= 30_000 and part.endswith(b"\n") for part in parts)
    parts, count, missing = await export(world, limit_bytes=30_000, most_parts=2)
    assert (len(parts), count + missing, missing > 150) == (2, 251, True)


async def test_csv_reads_the_same_items_also_as_spreadsheets_of_other_countries_write_it(world: World) -> None:
    await shelve_odd(world)
    (content,), _count, _missing = await export(world)
    items = [json.loads(one) for one in content.split(b"\n") if one]
    for delimiter, mark in ((",", ""), (";", "\ufeff"), ("\t", "")):
        text = io.StringIO(newline="")
        writer = csv.DictWriter(text, ["id", "data", "type", "ext", "created"], delimiter=delimiter)
        writer.writeheader()
        writer.writerows(items)
        assert read_rows((mark + text.getvalue()).encode()) == read_rows(content)


def test_a_row_needs_data_and_type_alone() -> None:
    assert read_rows(b'\xef\xbb\xbf{"data":"d","type":1}\r\n\r\n') == [Row(None, 1, "d", None, None)]
    assert read_rows(b"type,data\r\n1,d\r\n") == [Row(None, 1, "d", None, None)]
    assert read_rows(line(ext="", createdAt=5, id="a", updatedAt=6)) == [Row("a", 1, "d", None, 5)]
    assert read_rows(line(created="1970-01-01T01:00:01+01:00")) == [Row(None, 1, "d", None, 1_000)]


def test_every_bad_line_is_told_with_its_number() -> None:
    bad = {
        Flaw.JSON: [b"{broken\n", b"[1]\n", b"12\n"],
        Flaw.FIELD: [line(typ=1)],
        Flaw.DATA: [line(data=None), line(data=1), b'{"type":1}\n', b'{"data":"\\ud800","type":1}\n'],
        Flaw.TYPE: [line(type=2**31), line(type=1.5), line(type=True), line(type=None), line(type="x")],
        Flaw.EXT: [line(ext={"a": 1})],
        Flaw.ID: [line(id=""), line(id=5), line(id="x" * 513)],
        Flaw.CREATED: [line(created=-1), line(created="soon"), line(created=[])],
        Flaw.SIZE: [line(data="x" * 500_001), line(data="\n" * 400_000)],
    }
    # Data that is too long to be looked at closely is wrong as data.
    expected: list[tuple[int, Flaw]] = []
    content = line(id="one")
    for flaw, lines in bad.items():
        for one in lines:
            content += b"\n" + one
            expected.append((content.count(b"\n", 0, len(content) - 1) + 1, flaw))
    found = flaws(content + line(id="one"))
    assert [number for number, _ in found[:-1]] == [number for number, _ in expected]
    assert [flaw for _, flaw in found[:-1]] == [
        Flaw.DATA if n == len(expected) - 2 else flaw for n, (_, flaw) in enumerate(expected)
    ]
    assert found[-1][1] is Flaw.TWICE
    # In CSV a cell may have lines; the number is that of the line the row begins with.
    assert flaws(b'id,data,type\na,"two\nlines",1\nb,d,x\n\na,d,1\nc,d,1,4\n') == [
        (4, Flaw.TYPE), (6, Flaw.TWICE), (7, Flaw.CSV)
    ]  # fmt: skip
    assert flaws(b'data,type\nd,1\n"d"x,1\n') == [(3, Flaw.CSV)]


def test_a_file_that_is_wrong_as_a_whole_is_refused_in_one_sentence() -> None:
    assert refused(b"\xff\xfe") == "refusal-import-encoding"
    assert refused(b"") == refused(b"data,type\n") == refused(b" \n") == "refusal-import-empty"
    assert refused(b"name,age\n1,2\n") == refused(b"data,type,data\n") == "refusal-import-header"
    assert refused(line() * 5_001) == "refusal-import-many"
    assert refused(b"x" * (LARGEST_FILE + 1)) == "refusal-import-size"
    assert len(read_rows(line() * 5_000)) == 5_000
