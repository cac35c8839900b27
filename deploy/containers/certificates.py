"""Makes a certificate authority and a certificate for each server that speaks TLS between our containers.

Runs once; what is there is left alone. For one machine only: in production certificates come from the platform.
"""

from __future__ import annotations

import os
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

# Who runs each server in its official image, and may therefore read its key.
OWNERS = {"postgres": 999, "kafka": 1000}
VALID = timedelta(days=825)


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _certificate(
    subject: str, key: ec.EllipticCurvePrivateKey, issuer: str, signer: ec.EllipticCurvePrivateKey, *, authority: bool
) -> x509.Certificate:
    now = datetime.now(UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(_name(subject))
        .issuer_name(_name(issuer))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=5))
        .not_valid_after(now + VALID)
        .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
    )
    if not authority:
        builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName(subject)]), critical=False)
    return builder.sign(signer, hashes.SHA256())


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)


def _private(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _write(path: Path, content: bytes, owner: int) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "wb") as stream:
        stream.write(content)
    if os.geteuid() == 0:
        os.chown(path, owner, owner)


def make(folder: Path) -> bool:
    """Write `authority.crt` and, for each server, key and certificate; False when they were there already.

    The authority's own key is thrown away: nothing can be signed with it later.
    """
    if (folder / "authority.crt").exists():
        return False
    authority_name, authority_key = "Improve Together local authority", ec.generate_private_key(ec.SECP256R1())
    authority = _certificate(authority_name, authority_key, authority_name, authority_key, authority=True)
    for server, owner in OWNERS.items():
        own = folder / server
        own.mkdir(parents=True, exist_ok=True)
        key = ec.generate_private_key(ec.SECP256R1())
        certificate = _certificate(server, key, authority_name, authority_key, authority=False)
        _write(own / "server.key", _private(key), owner)
        _write(own / "server.crt", _pem(certificate), owner)
        _write(own / "server.pem", _private(key) + _pem(certificate), owner)
    (folder / "authority.crt").write_bytes(_pem(authority))
    return True


if __name__ == "__main__":
    make(Path(sys.argv[1]))
