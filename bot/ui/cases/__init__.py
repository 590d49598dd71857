"""How cases are searched, told and handed out."""
