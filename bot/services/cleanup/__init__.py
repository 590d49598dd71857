"""Deleting old collections by rule, putting them back, and doing so by the calendar (design section 8)."""
