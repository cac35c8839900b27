"""When people were last reminded; how much of a summary is shared, and until when."""

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add columns; code that does not know them is not concerned. What runs already is the five practices."""
    op.execute("alter table round add column reminded_on date")
    op.execute("alter table sharing_proposal add column how_much text, add column valid_until date")
    op.execute("alter table sharing_grant add column how_much text, add column valid_until date")


def downgrade() -> None:
    """Remove them."""
    op.execute("alter table sharing_grant drop column how_much, drop column valid_until")
    op.execute("alter table sharing_proposal drop column how_much, drop column valid_until")
    op.execute("alter table round drop column reminded_on")
