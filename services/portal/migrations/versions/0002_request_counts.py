"""Counted requests of an address."""

from alembic import op

from services.portal.models import request_count
from shared.tenancy import Kind, protect

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Make the table; only our own process sees a row."""
    request_count.create(op.get_bind())
    protect(op, request_count.name, Kind.SERVICE)


def downgrade() -> None:
    """Remove it."""
    request_count.drop(op.get_bind())
