"""Cleanups, policies and jobs in Discord."""
