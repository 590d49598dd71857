"""What stands in #moderation when the demo begins: what to try first."""

from typing import Final

import discord

from bot.demo.world import Demo
from bot.ui.cards import BLUE

_TITLE: Final = "👋 What to try first"
_TEXT: Final = """\
You moderate **Aurora Games**, a community in an IM app. The bot is real; Discord and the IM run on this machine. \
Type `/` and a few letters of each choice:
**1** `/mute` member `haruto_k` channel `strategy` duration\N{NO-BREAK SPACE}`1m`
**2** Press **Undo**. Or wait a minute: the card changes by itself.
**3** `/muted`  `/history`  `/channel list`  `/status`
**4** **Viewing as** Ada: `/settings log` `#warden-log`, then [look\N{NO-BREAK SPACE}there]({log})
**5** [What players say]({feed}): **Mute 10m** is one tap
**中文** **Viewing as** 选小陈，机器人就说中文。先试 `/mute`：成员 `haruto_k`，频道 `strategy`，时长 `1分钟`，\
到期后卡片会自己更新"""


async def post_welcome(demo: Demo, log_url: str, feed_url: str) -> None:
    """Let the bot write its welcome into #moderation; the addresses are the pages of #warden-log and #circle-feed."""
    card = discord.Embed(title=_TITLE, description=_TEXT.format(log=log_url, feed=feed_url), colour=BLUE)
    channel = demo.warden.bot.get_partial_messageable(demo.moderation.id, guild_id=demo.guild.id)
    await channel.send(embed=card)
