"""Invitations are found by how long they have been over: then they go."""

from alembic import op

from shared.migrations import LOCK_TIMEOUT_MS

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

PLACE = "invitation (coalesce(accepted_at, withdrawn_at, sent_at))"


def upgrade() -> None:
    """Make the index while people work; it waits for others, and nobody waits for it."""
    with op.get_context().autocommit_block():
        op.execute("set lock_timeout = 0")
        op.execute(f"create index concurrently invitation_by_age on {PLACE}")
        op.execute(f"set lock_timeout = {LOCK_TIMEOUT_MS}")


def downgrade() -> None:
    """Do without it."""
    op.execute("drop index invitation_by_age")
