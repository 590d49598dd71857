"""The embedded IM service: the IM REST API on SQLite, for one machine without an account."""
