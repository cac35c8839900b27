"""A password as Keycloak keeps it: hashed once here for all who share it, not by Keycloak once for each person.

A first start hashed the demonstration's one password some two hundred times: 70 of its 160 seconds on two cores.
"""

import base64
import hashlib
import json
from functools import cache

from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from infra.keycloak.representation import Representation

ITERATIONS, MEMORY_KIB, LANES, LENGTH = 5, 7168, 1, 32
"""Keycloak's own defaults for Argon2id (OWASP Password Storage Cheat Sheet), so that no sign-in hashes it again."""
SALT_BYTES = 16


@cache
def stored_password(password: str, secret: str) -> Representation:
    """Return the credential of a realm file for `password`, its salt derived from this machine's `secret`."""
    salt = hashlib.sha256(f"salt:{secret}".encode()).digest()[:SALT_BYTES]
    hashing = Argon2id(salt=salt, length=LENGTH, iterations=ITERATIONS, lanes=LANES, memory_cost=MEMORY_KIB)
    kept = {"value": _text(hashing.derive(password.encode())), "salt": _text(salt), "additionalParameters": {}}
    return {"type": "password", "secretData": json.dumps(kept), "credentialData": json.dumps(_how())}


def _how() -> Representation:
    extra = {"hashLength": [f"{LENGTH}"], "memory": [f"{MEMORY_KIB}"], "parallelism": [f"{LANES}"]}
    return {
        "hashIterations": ITERATIONS,
        "algorithm": "argon2",
        "additionalParameters": {**extra, "type": ["id"], "version": ["1.3"]},
    }


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()
