"""Collections in Discord: lists, one item, forms, files."""
