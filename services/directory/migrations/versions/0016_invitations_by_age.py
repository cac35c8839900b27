"""Invitations are found by when they were sent: an old one goes once it has been over for long enough."""

from alembic import op

from shared.migrations import index_while_people_work

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the index while people work."""
    index_while_people_work(op, "invitation_by_age", "invitation (sent_at)")


def downgrade() -> None:
    """Do without it."""
    op.execute("drop index invitation_by_age")
