"""Invitations are found by the address they go to: its mails are counted."""

from alembic import op

from shared.migrations import LOCK_TIMEOUT_MS

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the index while people work; it waits for others, and nobody waits for it."""
    with op.get_context().autocommit_block():
        op.execute("set lock_timeout = 0")
        op.execute("create index concurrently invitation_by_address on invitation (tenant_id, org_id, email)")
        op.execute(f"set lock_timeout = {LOCK_TIMEOUT_MS}")


def downgrade() -> None:
    """Do without it."""
    op.execute("drop index invitation_by_address")
