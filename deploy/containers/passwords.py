"""Prints an environment file with a fresh secret for everything that docker-compose.yml asks for.

`python -m deploy.containers.passwords > .local/containers.env`, once a machine: a server keeps the password that it was
first started with. With names as arguments only these are printed: to change one value, not all.
"""

from __future__ import annotations

import base64
import os
import re
import secrets
import sys

from deploy.containers.compose import render

ASKED_FOR = re.compile(r"\$\{([A-Z0-9_]+):\?")
KEYS = ("PORTAL_ENCRYPTION_KEY",)


def names() -> list[str]:
    """Every secret that the compose file asks for."""
    return sorted(set(ASKED_FOR.findall(render())))


def fresh(name: str) -> str:
    if name in KEYS:
        return base64.urlsafe_b64encode(os.urandom(32)).decode()
    return secrets.token_urlsafe(32)


def main(given: list[str]) -> None:
    """Print a line for each secret, or for those alone that were named."""
    if unknown := sorted(set(given) - set(names())):
        sys.exit(f"There is no secret {', '.join(unknown)}. There are: {', '.join(names())}")
    sys.stdout.write("".join(f"{name}={fresh(name)}\n" for name in given or names()))


if __name__ == "__main__":
    main(sys.argv[1:])
