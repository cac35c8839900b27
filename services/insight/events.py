"""The events this service publishes."""

from collections.abc import Mapping
from typing import Any

from shared.clock import local_day
from shared.contracts import event_types
from shared.outbox import Event


def figures_published(found: Mapping[str, Any]) -> Event:
    """A set was published, or took the place of an earlier one; the figures themselves are read here."""
    data = {
        "release_id": found["id"],
        "as_at": found["as_at"].isoformat(),
        "published_on": local_day(found["published_at"]).isoformat(),
        "cells_shown": found["verdict"]["cells_shown"],
        "cells_hidden": found["verdict"]["cells_hidden"],
        "revision": found["revision"],
    }
    if found["revises"]:
        return Event(event_types.FIGURES_REVISED, found["id"], data | {"revises": found["revises"]})
    return Event(event_types.FIGURES_PUBLISHED, found["id"], data)
