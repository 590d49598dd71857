"""The typed async client of the Easemob / Shengwang IM REST API."""
