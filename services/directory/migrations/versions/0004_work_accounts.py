"""What a linked work account is called by its issuer, for the page that shows it to its owner."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the name; accounts of our own realm have none."""
    op.add_column("external_identity", sa.Column("shown_name", sa.Text()))


def downgrade() -> None:
    """Forget the name."""
    op.drop_column("external_identity", "shown_name")
