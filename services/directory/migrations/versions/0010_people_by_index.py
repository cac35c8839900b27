"""Who sees a person is asked by an index: to name a page's people, every appointment of the nation was read."""

from alembic import op

from services.directory import policies

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Ask the same in the other way."""
    op.execute(f"alter policy person_select on person using ({policies.PERSON.select})")


def downgrade() -> None:
    """Ask as before."""
    op.execute(f"alter policy person_select on person using ({policies.PERSON_AT_FIRST.select})")
