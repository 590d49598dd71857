"""Slash commands: parse, authorise, call one service function, render."""
