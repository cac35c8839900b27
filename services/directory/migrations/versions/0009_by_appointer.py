"""Appointments are found by who made them, which the row policy of people asks for every person."""

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
        op.execute("create index concurrently appointment_by_appointer on appointment (appointed_by)")
        op.execute(f"set lock_timeout = {LOCK_TIMEOUT_MS}")


def downgrade() -> None:
    """Do without it."""
    op.execute("drop index appointment_by_appointer")
