"""The rules of the IM service, one file a family: plain functions on a SQLite connection."""
