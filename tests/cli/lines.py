"""Reading what the program printed."""


def only_line(text: str) -> str:
    (line,) = text.splitlines()
    return line


def rows_of(out: str) -> dict[str, tuple[str, str]]:
    rows = [line.split(None, 2) for line in out.splitlines() if line.strip()]
    return {name: (state, text.strip()) for name, state, text in rows}
