"""Messages are found by their age: once they were kept long enough, they go."""

from alembic import op

from shared.migrations import index_while_people_work

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the index while people work."""
    index_while_people_work(op, "message_by_age", "message (tenant_id, created_at)")


def downgrade() -> None:
    """Do without it."""
    op.execute("drop index message_by_age")
