"""Invitations are found by when they were sent: an old one goes once it has been over for long enough."""

from alembic import op

from shared.migrations import LOCK_TIMEOUT_MS

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the index while people work; it waits for others, and nobody waits for it."""
    with op.get_context().autocommit_block():
        op.execute("set lock_timeout = 0")
        op.execute("create index concurrently invitation_by_age on invitation (sent_at)")
        op.execute(f"set lock_timeout = {LOCK_TIMEOUT_MS}")


def downgrade() -> None:
    """Do without it."""
    op.execute("drop index invitation_by_age")
