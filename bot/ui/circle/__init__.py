"""Channels, members, threads, reactions and mirrored messages in Discord."""
