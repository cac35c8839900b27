"""A copy of a corrected result says when the board signed, and on which day it was corrected."""

from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

A_MOMENT = r"'^\d{4}-\d\d-\d\dT\d\d:\d\d'"
PUT_RIGHT = (
    "update shared_view copy set content = copy.content || jsonb_build_object("
    "'signed_off_at', to_char(signed.signed_off_at at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US+00:00'),"
    " 'corrected_on', ((copy.content->>'signed_off_at')::timestamptz at time zone 'Europe/London')::date)"
    " from round signed where signed.id = copy.round_id and signed.org_id = copy.org_id"
    f" and case when copy.content->>'signed_off_at' ~ {A_MOMENT}"
    " then (copy.content->>'signed_off_at')::timestamptz <> signed.signed_off_at else false end"
)
"""Before, a correction put its own moment in the place of the signature's. A copy stays where it was shared, so it is
found by its self-assessment, which may have moved on to another ICB since."""


def upgrade() -> None:
    """Put the copies right; their owner, whom no policy admits, sees them within this transaction alone."""
    for table in ("round", "shared_view"):
        op.execute(f"alter table {table} no force row level security")
    op.execute(PUT_RIGHT)
    for table in ("round", "shared_view"):
        op.execute(f"alter table {table} force row level security")


def downgrade() -> None:
    """Nothing: what the copies say is true for earlier code as well, which reads past the day of the correction."""
