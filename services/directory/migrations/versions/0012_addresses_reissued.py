"""A mailbox may become another person's, and whose second factor was reset is remembered for a day."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Let somebody who left give up the address, and remember the last reset."""
    op.alter_column("person", "email", nullable=True)
    op.add_column("person", sa.Column("second_factor_reset_at", sa.DateTime(timezone=True)))


def downgrade() -> None:
    """Forget resets; an address that was given up cannot be made up again, so none is asked for either."""
    op.drop_column("person", "second_factor_reset_at")
