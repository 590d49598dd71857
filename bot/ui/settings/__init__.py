"""What admins change about their server by taps, besides the commands of /settings."""
