"""A version for what is shown together though it stands in several rows, so that an answer can be tied to it."""

import hashlib
from typing import Any

import orjson

BELOW = 1_000_000_000
"""An If-Match of ours has nine digits at most. Of a thousand million changes one would go unnoticed."""


def version_of(shown: Any) -> int:
    """Return a number that is the same for the same content, and another when any of it changed."""
    text = orjson.dumps(shown, default=str, option=orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS)
    return int.from_bytes(hashlib.sha256(text).digest()[:8]) % BELOW
