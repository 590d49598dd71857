"""Our server for callbacks as a process of its own, with all services behind it and nothing else to do."""

from __future__ import annotations

import asyncio
import gc
import logging
import sys
from typing import Any

import structlog

from bot.app import wire
from bot.config import Settings
from bot.im import IMClient
from bot.services.clock import SystemClock
from bot.store import Store
from bot.web.callbacks import routes
from bot.web.server import WebServer
from tests.bench.im import AUTH
from tests.services.signed import SECRET


async def main(folder: str) -> None:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    made: Any = Settings
    settings = made(storage={"url": f"sqlite+aiosqlite:///{folder}/warden.db"}, http={"callback_secret": SECRET})
    store = Store(settings.storage.url.get_secret_value())
    await store.migrate()
    im = IMClient("http://127.0.0.1:1", AUTH)
    services = wire(settings, store=store, im=im, clock=SystemClock(), arm=lambda _ms: None)
    await services.callbacks.start()
    server = WebServer("127.0.0.1", 0, [routes(services.callbacks)])
    await server.start()
    # As `warden run` does once it is ready.
    gc.collect()
    gc.freeze()
    print(f"listening on {server.url}", flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
