"""The bot's own state: tables, transactions, migrations."""

from bot.store.database import NotMigratedError, Store, StoreError

__all__ = ["NotMigratedError", "Store", "StoreError"]
