"""Frameworks, private reflections, what is shared with a chair, and the board's profile in words."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from shared.tenancy import Kind, protect, setting

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None
Instant = sa.DateTime(timezone=True)
USE = ["tenant_id", "org_id", "framework_id"]


def _key(*names: str) -> list[sa.Column]:
    return [sa.Column(name, sa.Text, primary_key=True) for name in (*USE, *names)]


def _of_use(table: str) -> sa.ForeignKeyConstraint:
    targets = [f"framework_use.{column}" for column in USE]
    return sa.ForeignKeyConstraint(USE, targets, name=f"{table}_of_use", onupdate="CASCADE", ondelete="CASCADE")


def upgrade() -> None:
    """Make the tables with their policies, and let one counting role see finished reflections."""
    op.create_table(
        "framework",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("version", sa.Text, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("illustrative", sa.Boolean, nullable=False),
        sa.Column("content", JSONB, nullable=False),
        sa.Column("sha256", sa.Text, nullable=False),
        sa.Column("published_at", Instant, nullable=False),
    )
    op.create_table(
        "framework_use",
        *_key(),
        sa.Column("completed", sa.Integer, nullable=False, server_default="0"),
        sa.Column("people", sa.Integer),
        sa.Column("profile_at", Instant),
    )
    op.create_table("reflection", *_key("person_id"), sa.Column("finished_at", Instant), _of_use("reflection"))
    op.create_table(
        "reflection_answer",
        *_key("person_id", "statement_id"),
        sa.Column("frequency", sa.Text, nullable=False),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("saved_at", Instant, nullable=False),
        _of_use("reflection_answer"),
    )
    op.create_table(
        "shared_reflection",
        *_key("person_id", "reader_id"),
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("summary", JSONB, nullable=False),
        sa.Column("shared_at", Instant, nullable=False),
        _of_use("shared_reflection"),
    )
    op.create_index("shared_reflection_for_reader", "shared_reflection", ["tenant_id", "reader_id"])
    op.create_table(
        "board_profile", *_key("domain_id"), sa.Column("word", sa.Text, nullable=False), _of_use("board_profile")
    )
    protect(op, "framework", Kind.GLOBAL)
    protect(op, "framework_use", Kind.WORK)
    protect(op, "reflection", Kind.PERSONAL)
    protect(op, "reflection_answer", Kind.PERSONAL)
    protect(op, "shared_reflection", Kind.BETWEEN_TWO)
    protect(op, "board_profile", Kind.WORK)
    _let_the_counting_role_count()


def _let_the_counting_role_count() -> None:
    """Give profile_reader sight of one organisation's rows, of the columns it needs and no note."""
    same = f"tenant_id = {setting('tenant_id')} and org_id = {setting('org_id')}"
    for table, columns in (
        ("reflection", "tenant_id, org_id, framework_id, person_id, finished_at"),
        ("reflection_answer", "tenant_id, org_id, framework_id, person_id, statement_id, frequency"),
    ):
        op.execute(f"create policy {table}_count on {table} for select to profile_reader using ({same})")
        op.execute(f"grant select ({columns}) on {table} to profile_reader")
    for command in ("select", "update"):
        check = f" with check ({same})" if command == "update" else ""
        op.execute(
            f"create policy use_{command} on framework_use for {command} to profile_reader using ({same}){check}"
        )
    op.execute("grant select, update (completed, people, profile_at) on framework_use to profile_reader")
    op.execute(f"create policy profile_write on board_profile for insert to profile_reader with check ({same})")
    op.execute(f"create policy profile_clear on board_profile for delete to profile_reader using ({same})")
    op.execute(f"create policy profile_read on board_profile for select to profile_reader using ({same})")
    op.execute("grant select, insert, delete on board_profile to profile_reader")


def downgrade() -> None:
    """Remove the tables."""
    for table in (
        "board_profile",
        "shared_reflection",
        "reflection_answer",
        "reflection",
        "framework_use",
        "framework",
    ):
        op.drop_table(table)
