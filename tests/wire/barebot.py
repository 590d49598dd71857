"""The smallest bot that mutes and lists: the floor the real one is measured against. `python -m tests.wire.barebot`.

Environment: BAREBOT_API_BASE, BAREBOT_GATEWAY_URL, BAREBOT_TOKEN (Discord's side); BAREBOT_IM_URL (up to and with
/{org}/{app}), BAREBOT_IM_TOKEN, BAREBOT_COMMUNITY, BAREBOT_DURATION_MS (default 600000) for the mute.
"""

import asyncio
import os
import signal
from typing import Any

import aiohttp
import discord
import yarl
from discord import app_commands
from discord.gateway import DiscordWebSocket
from discord.http import Route


class BareBot(discord.Client):
    """Three commands, each: defer, one call of the IM, edit."""

    def __init__(self, im_url: str, im_token: str, community: str, duration_ms: int) -> None:
        super().__init__(intents=discord.Intents.default(), guild_ready_timeout=0)
        self.tree = app_commands.CommandTree(self)
        self._im_url = im_url
        self._headers = {"Authorization": f"Bearer {im_token}"}
        self._community = community
        self._body = {"server_id": community, "duration": duration_ms}
        self._session: aiohttp.ClientSession | None = None

    async def setup_hook(self) -> None:
        """Register the commands."""
        self._session = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0))
        for name, callback in {"mute": self._mute, "muted": self._muted, "saved": self._saved}.items():
            self.tree.add_command(app_commands.Command(name=name, description=name, callback=callback))
        await self.tree.sync()

    async def on_ready(self) -> None:
        """Tell who started the process."""
        print("ready", flush=True)

    async def close(self) -> None:
        """Close the connections."""
        if self._session is not None:
            await self._session.close()
        await super().close()

    async def _mute(self, interaction: discord.Interaction, member: str, channel: str) -> None:
        await interaction.response.defer(ephemeral=True)
        assert self._session is not None
        url = f"{self._im_url}/circle/channel/{channel}/user/mute"
        async with self._session.post(url, json=self._body | {"user_id": member}, headers=self._headers) as response:
            await response.read()
            text = f"muted {member}" if response.ok else f"failed: {response.status}"
        await interaction.edit_original_response(content=text)

    async def _muted(self, interaction: discord.Interaction, channel: str) -> None:
        await interaction.response.defer(ephemeral=True)
        url = f"{self._im_url}/circle/channel/{channel}/user/mute/list"
        rows = (await self._read(url, {"serverId": self._community, "limit": "20"}))["mute_users"]
        lines = [f"{row['user']} <t:{row['expire'] // 1000}:R>" for row in rows]
        await interaction.edit_original_response(embed=discord.Embed(title="Muted", description="\n".join(lines)))

    async def _saved(self, interaction: discord.Interaction, owner: str) -> None:
        await interaction.response.defer(ephemeral=True)
        query = {"limit": "10", "direction": "desc"}
        rows = (await self._read(f"{self._im_url}/users/{owner}/collections", query))["collections"]
        lines = [f"<t:{row['createdAt'] // 1000}:R> {row['data']}" for row in rows]
        await interaction.edit_original_response(embed=discord.Embed(title="Saved", description="\n".join(lines)))

    async def _read(self, url: str, query: dict[str, str]) -> Any:
        assert self._session is not None
        async with self._session.get(url, params=query, headers=self._headers) as response:
            return await response.json()


async def _run() -> None:
    environment = os.environ
    Route.BASE = environment["BAREBOT_API_BASE"]
    DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(environment["BAREBOT_GATEWAY_URL"])
    bot = BareBot(
        environment["BAREBOT_IM_URL"].rstrip("/"),
        environment.get("BAREBOT_IM_TOKEN", ""),
        environment.get("BAREBOT_COMMUNITY", ""),
        int(environment.get("BAREBOT_DURATION_MS", "600000")),
    )
    running = asyncio.create_task(bot.start(environment["BAREBOT_TOKEN"]))
    for name in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(name, lambda: asyncio.ensure_future(bot.close()))
    await running


if __name__ == "__main__":
    asyncio.run(_run())
