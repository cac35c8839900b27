"""The tables that the mechanisms need."""

from alembic import op

from shared.mechanism import create_mechanisms, drop_mechanisms

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make outbox, inbox, audit trail and the rest, with their policies."""
    create_mechanisms(op)


def downgrade() -> None:
    """Remove them."""
    drop_mechanisms(op)
