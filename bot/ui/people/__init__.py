"""Friends and blocks in Discord."""
