"""A passkey made of software: what a phone would answer to the realm's pages (WebAuthn, ES256, no attestation)."""

import base64
import hashlib
import json
import re
import secrets
from dataclasses import dataclass, field

import requests
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

PRESENT, VERIFIED, WITH_KEY = 0x01, 0x04, 0x40
_SETTING = r'\b{name} : "([^"]*)"'


def setting_of(page: requests.Response, name: str) -> str:
    """Return what the page's script tells the browser, such as the challenge."""
    found = re.search(_SETTING.format(name=name), page.text)
    assert found is not None, page.text[:3000]
    return found.group(1)


@dataclass
class Passkey:
    """One passkey on one device. `verifies` says whether the device checks who holds it before it answers."""

    origin: str
    verifies: bool = True
    id: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    owner: str = ""
    name: str = field(default_factory=lambda: f"A phone {secrets.token_hex(4)}")

    def made_for(self, page: requests.Response) -> dict[str, str]:
        """Return the fields with which the page that sets a passkey up is answered."""
        self.owner = setting_of(page, "userid")
        attested = bytes(16) + len(self.id).to_bytes(2, "big") + self.id + self._public_key()
        data = self._device_data(page, WITH_KEY) + attested
        return {
            "clientDataJSON": _encoded(self._client_data(page, "webauthn.create")),
            "attestationObject": _encoded(_unattested(data)),
            "publicKeyCredentialId": _encoded(self.id),
            "authenticatorLabel": self.name,
            "transports": "internal",
            "error": "",
        }

    def used_at(self, page: requests.Response) -> dict[str, str]:
        """Return the fields with which a page that asks for a passkey is answered."""
        client_data, device_data = self._client_data(page, "webauthn.get"), self._device_data(page)
        signed = device_data + hashlib.sha256(client_data).digest()
        return {
            "clientDataJSON": _encoded(client_data),
            "authenticatorData": _encoded(device_data),
            "signature": _encoded(self.key.sign(signed, ec.ECDSA(hashes.SHA256()))),
            "credentialId": _encoded(self.id),
            "userHandle": self.owner,
            "error": "",
        }

    def _client_data(self, page: requests.Response, kind: str) -> bytes:
        said = {"type": kind, "challenge": setting_of(page, "challenge"), "origin": self.origin, "crossOrigin": False}
        return json.dumps(said).encode()

    def _device_data(self, page: requests.Response, flags: int = 0) -> bytes:
        flags |= PRESENT | (VERIFIED if self.verifies else 0)
        return hashlib.sha256(setting_of(page, "rpId").encode()).digest() + bytes([flags]) + bytes(4)

    def _public_key(self) -> bytes:
        """The key as COSE has it: a map of five, kind EC2, algorithm ES256, curve P-256, x, y."""
        point = self.key.public_key().public_numbers()
        x, y = (number.to_bytes(32, "big") for number in (point.x, point.y))
        return b"\xa5\x01\x02\x03\x26\x20\x01\x21\x58\x20" + x + b"\x22\x58\x20" + y


def _unattested(data: bytes) -> bytes:
    """The attestation object as CBOR: a map of format `none`, no statement, and the device's data."""
    return b"\xa3\x63fmt\x64none\x67attStmt\xa0\x68authData\x58" + bytes([len(data)]) + data


def _encoded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
