"""Messages are found by their age: once they were kept long enough, they go."""

from alembic import op

from shared.migrations import LOCK_TIMEOUT_MS

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the index while people work; it waits for others, and nobody waits for it."""
    with op.get_context().autocommit_block():
        op.execute("set lock_timeout = 0")
        op.execute("create index concurrently message_by_age on message (tenant_id, created_at)")
        op.execute(f"set lock_timeout = {LOCK_TIMEOUT_MS}")


def downgrade() -> None:
    """Do without it."""
    op.execute("drop index message_by_age")
