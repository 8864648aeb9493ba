"""Hashes of passwords: argon2id with the defaults of pwdlib (64 MiB, 3 passes), two at a time."""

from functools import cached_property
from threading import BoundedSemaphore

from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

AT_A_TIME = BoundedSemaphore(2)
"""Each takes 64 MiB and a good part of a second of a core: more at once would be an attack on ourselves."""


class Argon2Passwords:
    """Implements `ports.Passwords`."""

    def __init__(self) -> None:
        self._hasher = PasswordHash((Argon2Hasher(),))

    def hashed(self, password: str) -> str:
        """With a salt of its own."""
        with AT_A_TIME:
            return self._hasher.hash(password)

    def match(self, password: str, hashed: str) -> bool:
        """The same work is done where there is no hash."""
        against = hashed or self._nobodys
        with AT_A_TIME:
            return self._hasher.verify(password, against) and bool(hashed)

    @cached_property
    def _nobodys(self) -> str:
        with AT_A_TIME:
            return self._hasher.hash("nobody has this password")
