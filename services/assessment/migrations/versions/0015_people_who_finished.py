"""Who has finished is counted, and a closing remembers when it was and whether an earlier round held it back."""

from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Let the counting function see more of a round, and nothing more of an answer.

    Closings of before have no moment of their own: the function takes their round's day of closing.
    """
    op.execute(
        "alter table closing add column counted_at timestamptz,"
        " add column held_back_by_earlier boolean not null default false"
    )
    op.execute("grant select (finished) on respondent to range_reader")
    op.execute("grant select (opened_at, closed_at) on round to range_reader")


def downgrade() -> None:
    """Take it back."""
    op.execute("revoke select (opened_at, closed_at) on round from range_reader")
    op.execute("revoke select (finished) on respondent from range_reader")
    op.execute("alter table closing drop column counted_at, drop column held_back_by_earlier")
