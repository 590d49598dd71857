"""What the commands of `warden` share, and their longer parts."""


class CommandError(Exception):
    """A command cannot do what it was asked for; the text is one sentence for the operator."""
