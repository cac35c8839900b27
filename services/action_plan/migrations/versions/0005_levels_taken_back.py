"""Since when the levels a plan was drafted from are being discussed again."""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; code that does not know it is not concerned."""
    op.execute("alter table plan add column levels_withdrawn_at timestamptz")


def downgrade() -> None:
    """Remove it."""
    op.execute("alter table plan drop column levels_withdrawn_at")
