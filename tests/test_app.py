"""The composition root refuses what it cannot do, before anything is opened."""

import pytest

from bot.config import Settings
from bot.running import LoginError, run_bot


async def test_more_than_one_shard_is_refused_in_one_sentence(tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(LoginError, match="not supported yet"):
        await run_bot(Settings(discord={"shards": 2}))  # pyright: ignore
    assert not list(tmp_path.iterdir())
