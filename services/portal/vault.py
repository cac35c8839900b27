"""Encryption of what the portal keeps for a person: tokens, session content, rescued form text.

The first key encrypts, every key decrypts, so that a key can be replaced without signing anybody out.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import orjson
from cryptography.fernet import Fernet, InvalidToken, MultiFernet


class Unreadable(Exception):
    """What was stored was encrypted with a key we no longer have, or was changed."""


class Vault:
    """Encrypts and decrypts; the keys come from the environment (`Fernet.generate_key()` makes one)."""

    def __init__(self, keys: Sequence[str]) -> None:
        self._fernet = MultiFernet([Fernet(key) for key in keys])

    def seal(self, text: str) -> bytes:
        """Return `text` encrypted."""
        return self._fernet.encrypt(text.encode())

    def open(self, sealed: bytes) -> str:
        """Return what was sealed; raises Unreadable."""
        try:
            return self._fernet.decrypt(bytes(sealed)).decode()
        except InvalidToken as error:
            raise Unreadable("Stored text cannot be decrypted.") from error

    def seal_mapping(self, content: Mapping[str, Any]) -> bytes:
        """Return a mapping of plain values encrypted."""
        return self._fernet.encrypt(orjson.dumps(content))

    def open_mapping(self, sealed: bytes) -> dict[str, Any]:
        """Return the mapping that was sealed; raises Unreadable."""
        content: dict[str, Any] = orjson.loads(self.open(sealed))
        return content
