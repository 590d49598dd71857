"""The bot's own state: tables, queries, migrations."""
