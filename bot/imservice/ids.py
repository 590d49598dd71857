"""Identifiers as the real service makes them, from one random source."""

import random
import string
import uuid

_BASE62 = string.digits + string.ascii_uppercase + string.ascii_lowercase


class Ids:
    """Makes ids; the same seed makes the same ids, no seed makes unguessable ones."""

    def __init__(self, seed: int | None = None) -> None:
        self._random = random.SystemRandom() if seed is None else random.Random(seed)  # noqa: S311 (seeded: tests)

    def community(self) -> str:
        """Return a community id: 27 letters and digits."""
        return "".join(self._random.choices(_BASE62, k=27))

    def category(self) -> str:
        """Return a channel category id: 32 hexadecimal digits."""
        return f"{self._random.getrandbits(128):032x}"

    def channel(self) -> str:
        """Return a channel id: 15 decimal digits, as the ids of groups and chat rooms are."""
        return str(self._random.randrange(2 * 10**14, 3 * 10**14))

    def message(self) -> str:
        """Return a message id: 19 decimal digits; reactions have such ids, too."""
        return str(self._random.randrange(10**18, 2 * 10**18))

    reaction = message

    def thread(self) -> str:
        """Return a thread id: as a channel's, as a thread is a group, too."""
        return self.channel()

    def tag(self) -> str:
        """Return the id of a community's tag: as a category's."""
        return self.category()

    def call_id(self, app_key: str) -> str:
        """Return the id of a callback: the App Key and a UUID (facts 7)."""
        return f"{app_key}_{self.uuid()}"

    def uuid(self) -> str:
        """Return a random UUID."""
        return str(uuid.UUID(int=self._random.getrandbits(128), version=4))

    def nonce(self) -> bytes:
        """Return 8 bytes that make one token differ from the next."""
        return self._random.getrandbits(64).to_bytes(8, "big")
