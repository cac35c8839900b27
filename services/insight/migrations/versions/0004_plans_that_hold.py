"""When a plan was last approved: an approved plan is what holds, whatever is drafted beside it.

Rows of plans approved earlier learn the day when the read model is built again; until then their state tells.
"""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; a new database has it already, because 0002 makes the tables as the models are today."""
    op.execute("alter table plan_status add column if not exists approved_on date")


def downgrade() -> None:
    """Remove it; the events can build it again."""
    op.execute("alter table plan_status drop column approved_on")
