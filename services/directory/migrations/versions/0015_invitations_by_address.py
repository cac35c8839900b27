"""Invitations are found by the address they go to: its mails are counted."""

from alembic import op

from shared.migrations import index_while_people_work

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the index while people work."""
    index_while_people_work(op, "invitation_by_address", "invitation (tenant_id, org_id, email)")


def downgrade() -> None:
    """Do without it."""
    op.execute("drop index invitation_by_address")
