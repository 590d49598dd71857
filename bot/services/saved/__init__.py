"""Collections: what staff do with a user's saved items."""
