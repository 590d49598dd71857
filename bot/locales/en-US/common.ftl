# Texts that every feature shares.
