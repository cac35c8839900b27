"""A signing key that the tests know, so that they can make tokens which are right in all but one thing.

It is made on the machine that runs the tests, kept in the profile's folder and never committed; a production realm
refuses it (config.py) and lets Keycloak make its own.
"""

import base64
import hashlib
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

_FILE = "realm-signing-key.pem"


@dataclass(frozen=True, slots=True)
class SigningKey:
    """An RSA key pair as PEM text, and the key id under which Keycloak publishes it."""

    private_pem: str
    public_pem: str
    key_id: str

    @classmethod
    def kept_in(cls, folder: Path) -> "SigningKey":
        """Return the key kept in `folder`; make it there, readable by its owner alone, if there is none yet."""
        path = folder / _FILE
        if not path.exists():
            folder.mkdir(parents=True, exist_ok=True)
            path.touch(mode=0o600)
            path.write_text(_new_private_pem())
        return cls.from_pem(path.read_text())

    @classmethod
    def from_pem(cls, private_pem: str) -> "SigningKey":
        """Return the key pair of a PKCS#8 private key."""
        private = serialization.load_pem_private_key(private_pem.encode(), password=None)
        public = private.public_key()
        pem = public.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
        der = public.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
        # Keycloak names a key by the SHA-256 of its public half, in base64url without padding.
        key_id = base64.urlsafe_b64encode(hashlib.sha256(der).digest()).decode().rstrip("=")
        return cls(private_pem=private_pem, public_pem=pem.decode(), key_id=key_id)


def _new_private_pem() -> str:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()
