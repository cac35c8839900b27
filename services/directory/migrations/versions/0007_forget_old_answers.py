"""Answers kept for repeated requests can be swept once their time is over."""

from alembic import op

from shared.mechanism_changes import forget_old_answers, keep_old_answers

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Let our processes delete them."""
    forget_old_answers(op)


def downgrade() -> None:
    """Keep them for good, as before."""
    keep_old_answers(op)
