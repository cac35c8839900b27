"""What is asked may be read before signing in: published question sets are words for everybody."""

from alembic import op

from shared.tenancy import Kind

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Let anybody select; who writes stays as it was."""
    op.execute(f"alter policy question_set_select on question_set using ({Kind.PUBLIC_GLOBAL.value.select})")


def downgrade() -> None:
    """Ask for a sign-in again."""
    op.execute(f"alter policy question_set_select on question_set using ({Kind.GLOBAL.value.select})")
