"""Secrets at rest: addresses are sealed, links are signed. What is kept here is never shown."""

import hmac
import os
import secrets
from base64 import b32encode, urlsafe_b64encode
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from stat import S_IMODE

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from itsdangerous import BadData, URLSafeSerializer

from service.errors import ConfigError
from service.ports import Purpose

FILE = "secret.key"
"""The name of the key file in the data folder."""
SHORTEST = 32
"""Characters of a key: 32 random hexadecimal digits are 128 bits."""
CODE_LENGTH = 10


class Vault:
    """Implements `ports.Vault`. The first key seals and signs, all of them open and check.

    Raises ConfigError for a key that is too short, or when there is none.
    """

    def __init__(self, keys: Sequence[str]) -> None:
        if not keys:
            raise ConfigError("secret_key: holds no key")
        if any(len(key) < SHORTEST for key in keys):
            raise ConfigError(f"secret_key: a key has at least {SHORTEST} characters; make one: openssl rand -hex 32")
        self._keys = tuple(keys)
        self._fernet = MultiFernet([Fernet(urlsafe_b64encode(_derived(key, "seal"))) for key in keys])

    def __repr__(self) -> str:
        """Without any key."""
        return f"Vault({len(self._keys)} keys)"

    def seal(self, text: str) -> str:
        """Encrypted by the first key; the same text looks different each time."""
        return self._fernet.encrypt(text.encode()).decode()

    def open(self, sealed: str) -> str:
        """The text that was sealed by any of the keys. Raises ConfigError."""
        try:
            return self._fernet.decrypt(sealed.encode()).decode()
        except InvalidToken:
            raise ConfigError(
                "secret_key: an address was sealed by another key, or was changed: add the key that sealed it"
            ) from None

    def fingerprint(self, text: str) -> str:
        """Sixty-four hexadecimal digits, the same for equal texts, which nobody without the key can work out."""
        return self.fingerprints(text)[0]

    def fingerprints(self, text: str) -> Sequence[str]:
        """Those by every key, the first key's first."""
        return [hmac.new(_derived(key, "fingerprint"), text.encode(), sha256).hexdigest() for key in self._keys]

    def sign(self, purpose: Purpose, parts: Sequence[str]) -> str:
        """A token that says these parts, fit for an address; good for this purpose only."""
        return str(self._signer(purpose).dumps(list(parts)))

    def read(self, purpose: Purpose, token: str) -> Sequence[str] | None:
        """The parts of a token, None for one that we did not sign for this purpose."""
        try:
            parts = self._signer(purpose).loads(token)
        except (BadData, ValueError, RecursionError):
            return None
        return parts if isinstance(parts, list) and all(isinstance(part, str) for part in parts) else None

    def codes(self, parts: Sequence[str]) -> Sequence[str]:
        """Short codes that people can type for these parts, by every key, the first key's first."""
        said = "\0".join(parts).encode()
        digests = (hmac.new(_derived(key, "code"), said, sha256).digest() for key in self._keys)
        return [b32encode(digest).decode()[:CODE_LENGTH] for digest in digests]

    def _signer(self, purpose: Purpose) -> URLSafeSerializer:
        keys = [_derived(key, "sign") for key in reversed(self._keys)]  # the last of them signs
        return URLSafeSerializer(keys, salt=str(purpose), signer_kwargs={"digest_method": sha256})


@lru_cache(maxsize=4)
def of(keys: tuple[str, ...]) -> Vault:
    """The vault of these keys, made once. Raises ConfigError."""
    return Vault(keys)


def _derived(key: str, use: str) -> bytes:
    """A key of its own for each use, so that what one of them gives away says nothing of the others."""
    return hmac.new(key.encode(), f"detente {use}".encode(), sha256).digest()


def parse_keys(written: str) -> Sequence[str]:
    """Keys parted by blanks or line ends."""
    return written.split()


def load_keys(folder: Path) -> Sequence[str]:
    """The keys of the file in this folder, which is made when it is not there. Raises ConfigError."""
    path = folder / FILE
    with _usable(path):
        if not path.exists():
            _write(path, [secrets.token_hex(32)])
        return _read(path)


def add_key(folder: Path) -> Sequence[str]:
    """Put a new key before those in the file; returns all of them. Raises ConfigError."""
    keys = [secrets.token_hex(32), *load_keys(folder)]
    with _usable(folder / FILE):
        _write(folder / FILE, keys, replaces=True)
    return keys


@contextmanager
def _usable(path: Path) -> Iterator[None]:
    try:
        yield
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: the key file cannot be used ({type(error).__name__})") from None


def _read(path: Path) -> Sequence[str]:
    mode = S_IMODE(path.stat().st_mode)
    if mode & 0o077:
        raise ConfigError(f"{path}: others may read the key file (mode {mode:o}): run chmod 600 on it")
    return parse_keys(path.read_text(encoding="ascii"))


def _write(path: Path, keys: Sequence[str], *, replaces: bool = False) -> None:
    """All at once: nobody sees half a file, and of several processes that make one only the first does."""
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
        file.write("".join(f"{key}\n" for key in keys))
        file.flush()
        os.fsync(file.fileno())
    try:
        if replaces:
            draft.replace(path)
        else:
            path.hardlink_to(draft)
    except FileExistsError:
        pass  # another process was first: its key counts
    finally:
        draft.unlink(missing_ok=True)
