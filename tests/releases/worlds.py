"""A recording retold of other organisations, as often as a test needs events."""

import re
from uuid import NAMESPACE_URL, uuid5

UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
ORGANISATION = re.compile(r"\b[A-Z]{7}\b")
"""A recorded organisation has seven letters, wherever it stands: in a name and in a key as well."""


def elsewhere(recording: str, world: int) -> str:
    """Return the recording with every id and every organisation replaced by one that this world alone has."""
    ids = UUID.sub(lambda found: str(uuid5(NAMESPACE_URL, f"{world} {found[0]}")), recording)
    return ORGANISATION.sub(lambda found: f"{found[0][:3]}{world:05d}", ids)
