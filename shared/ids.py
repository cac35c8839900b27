"""Identifiers of our own making: UUIDv7, made here because PostgreSQL 17 cannot and because they sort by age."""

from uuid import UUID

import uuid_utils


def new_id() -> UUID:
    """Return a new UUIDv7 as a standard-library UUID."""
    return UUID(int=uuid_utils.uuid7().int)
