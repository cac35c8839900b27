"""Counted requests, and how far each process is."""

from alembic import op

from shared.mechanism import create_watching, drop_watching

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make both tables with their policies."""
    create_watching(op)


def downgrade() -> None:
    """Remove them."""
    drop_watching(op)
