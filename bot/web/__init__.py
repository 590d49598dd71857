"""IM callbacks in; health and metrics out."""
