"""Circle Warden: everything that is not a slash command."""
