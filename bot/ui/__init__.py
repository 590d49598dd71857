"""How the bot looks in Discord: texts, embeds, buttons."""
