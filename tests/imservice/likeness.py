"""Whether an answer is what the API's documentation shows, apart from what differs every time."""

FLOATING = {"created"}


def filled(template, values):
    if isinstance(template, dict):
        return {key: filled(value, values) for key, value in template.items()}
    if isinstance(template, list):
        return [filled(value, values) for value in template]
    if isinstance(template, str) and "{any}" not in template:
        return template.format(**values)
    return template


def matches(answer, expected, key=""):
    """Same keys, same types, and same values unless they are free (`{any}`, a time of creation)."""
    if isinstance(expected, dict):
        same = isinstance(answer, dict) and set(answer) == set(expected)
        return same and all(matches(answer[name], value, name) for name, value in expected.items())
    if isinstance(expected, list):
        same = isinstance(answer, list) and len(answer) == len(expected)
        return same and all(matches(one, other) for one, other in zip(answer, expected, strict=True))
    if type(answer) is not type(expected):
        return False
    return expected == "{any}" or key in FLOATING or answer == expected
