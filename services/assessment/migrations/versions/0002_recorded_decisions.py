"""The secretary records the board's decision for the chair to confirm."""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add what is recorded; columns without a value change nothing for code that does not know them."""
    op.execute(
        "alter table round add column decision_meeting_on date, add column decision_minute text,"
        " add column decision_recorded_by text, add column decision_recorded_at timestamptz"
    )


def downgrade() -> None:
    """Remove it."""
    op.execute(
        "alter table round drop column decision_meeting_on, drop column decision_minute,"
        " drop column decision_recorded_by, drop column decision_recorded_at"
    )
