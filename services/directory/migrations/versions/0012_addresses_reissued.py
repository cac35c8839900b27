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
    """Forget resets; who gave up the address has one that reaches nobody, since code from before asks for one.

    The owner, whom no policy admits, sees the rows only while row security is not forced on it.
    """
    op.drop_column("person", "second_factor_reset_at")
    op.execute("alter table person no force row level security")
    op.execute("update person set email = person_id || '@given-up.invalid' where email is null")
    op.execute("alter table person force row level security")
    op.alter_column("person", "email", nullable=False)
