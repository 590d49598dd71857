"""The bot's own state: tables, transactions, migrations."""

from bot.store.database import NotMigratedError, Store, StoreError, StoreTrouble

__all__ = ["NotMigratedError", "Store", "StoreError", "StoreTrouble"]
