"""The same commands in a Chinese client."""

import pytest

from tests.cogs.conftest import World, said, text_of


@pytest.fixture
async def chinese(world: World) -> World:
    world.locale = "zh-CN"
    return world


async def test_mute_card_and_buttons_are_chinese(chinese: World):
    result = await chinese.mod.slash(chinese.room, "mute", member="bob", channel="general", duration="1小时30分")
    text = said(result)
    for part in ("已禁言 bob · #general", "**到期** <t:", "**时长** 1小时30分钟", "记录 #1"):
        assert part in text
    labels = [child["label"] for row in result.response.components for child in row["components"]]
    assert labels == ["撤销", "延长"]


async def test_refusals_are_chinese(chinese: World):
    assert "没有单位" in said(
        await chinese.mod.slash(chinese.room, "mute", member="bob", channel="general", duration="5")
    )
    assert said(await chinese.guest.slash(chinese.room, "status")) == "此操作仅限管理员。"


async def test_faults_are_chinese(chinese: World):
    chinese.im_down()
    text = said(await chinese.mod.slash(chinese.room, "channel list"))
    assert "IM" in text
    assert "编号 `" in text


async def test_lists_and_looks_are_chinese(chinese: World):
    mod, room = chinese.mod, chinese.room
    assert "Aurora 的频道" in said(await mod.slash(room, "channel list"))
    assert "的成员" in said(await mod.slash(room, "member list", channel="general"))
    assert "社区普通成员" in said(await mod.slash(room, "member show", channel="general", member="bob"))
    assert "没有任何处理记录" in said(await mod.slash(room, "history", member="bob"))
    assert "没有生效中的禁言" in said(await mod.slash(room, "status"))
    offered = await mod.autocomplete(room, "mute", "duration", "")
    assert offered[-1] == {"name": "永久", "value": "permanent"}


async def test_question_is_chinese(chinese: World):
    asked = await chinese.mod.slash(chinese.room, "mute", member="mia", channel="general")
    assert "是社区的管理员" in said(asked)
    await chinese.mod.click(asked.response, label="取消")
    assert text_of(asked.response) == "已取消，未做任何更改。"


async def test_traditional_chinese_clients_read_chinese_and_others_english(chinese: World):
    chinese.locale = "zh-TW"
    assert said(await chinese.guest.slash(chinese.room, "status")) == "此操作仅限管理员。"
    chinese.locale = "fr"
    assert said(await chinese.guest.slash(chinese.room, "status")) == "This is for moderators."
