"""This service's tables. Reflections belong to the person who made them; the board's profile holds words only."""

from sqlalchemy import (
    Boolean,
    Column,
    DateTime,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    Uuid,
)
from sqlalchemy.dialects.postgresql import JSONB

from shared import column_tags as tag

metadata = MetaData()
Instant = DateTime(timezone=True)
TABLES_WITHOUT_TENANT = {"framework": "published content, the same for everybody"}

framework = Table(
    "framework",
    metadata,
    Column("id", Text, primary_key=True, info=tag.PUBLIC),
    Column("version", Text, nullable=False, info=tag.PUBLIC),
    Column("title", Text, nullable=False, info=tag.PUBLIC),
    Column("illustrative", Boolean, nullable=False, info=tag.PUBLIC),
    Column("content", JSONB, nullable=False, info=tag.PUBLIC),
    Column("sha256", Text, nullable=False, info=tag.PUBLIC),
    Column("published_at", Instant, nullable=False, info=tag.PUBLIC),
)

framework_use = Table(
    "framework_use",
    metadata,
    Column("tenant_id", Text, primary_key=True, info=tag.INTERNAL),
    Column("org_id", Text, primary_key=True, info=tag.INTERNAL),
    Column("framework_id", Text, primary_key=True, info=tag.INTERNAL),
    Column("completed", Integer, nullable=False, server_default="0", info=tag.INTERNAL),
    Column("people", Integer, info=tag.INTERNAL),
    Column("profile_at", Instant, info=tag.INTERNAL),
)
"""That an organisation's board uses a framework; the private rows below hang on it, so that a move carries them."""


def _of_use(name: str) -> ForeignKeyConstraint:
    columns = ["tenant_id", "org_id", "framework_id"]
    targets = [f"framework_use.{column}" for column in columns]
    return ForeignKeyConstraint(columns, targets, name=name, onupdate="CASCADE", ondelete="CASCADE")


reflection = Table(
    "reflection",
    metadata,
    Column("tenant_id", Text, primary_key=True, info=tag.INTERNAL),
    Column("org_id", Text, primary_key=True, info=tag.INTERNAL),
    Column("framework_id", Text, primary_key=True, info=tag.INTERNAL),
    Column("person_id", Text, primary_key=True, info=tag.PRIVATE),
    Column("finished_at", Instant, info=tag.PRIVATE),
    _of_use("reflection_of_use"),
)

reflection_answer = Table(
    "reflection_answer",
    metadata,
    Column("tenant_id", Text, primary_key=True, info=tag.INTERNAL),
    Column("org_id", Text, primary_key=True, info=tag.INTERNAL),
    Column("framework_id", Text, primary_key=True, info=tag.INTERNAL),
    Column("person_id", Text, primary_key=True, info=tag.PRIVATE),
    Column("statement_id", Text, primary_key=True, info=tag.INTERNAL),
    Column("frequency", Text, nullable=False, info=tag.PRIVATE),
    Column("note", Text, nullable=False, info=tag.FREE_TEXT),
    Column("version", Integer, nullable=False, info=tag.INTERNAL),
    Column("saved_at", Instant, nullable=False, info=tag.PRIVATE),
    _of_use("reflection_answer_of_use"),
)

shared_reflection = Table(
    "shared_reflection",
    metadata,
    Column("tenant_id", Text, primary_key=True, info=tag.INTERNAL),
    Column("org_id", Text, primary_key=True, info=tag.INTERNAL),
    Column("framework_id", Text, primary_key=True, info=tag.INTERNAL),
    Column("person_id", Text, primary_key=True, info=tag.PERSONAL),
    Column("reader_id", Text, primary_key=True, info=tag.PERSONAL),
    Column("id", Uuid, nullable=False, info=tag.INTERNAL),
    Column("summary", JSONB, nullable=False, info=tag.PRIVATE),
    Column("shared_at", Instant, nullable=False, info=tag.PERSONAL),
    _of_use("shared_reflection_of_use"),
    Index("shared_reflection_for_reader", "tenant_id", "reader_id"),
)

board_profile = Table(
    "board_profile",
    metadata,
    Column("tenant_id", Text, primary_key=True, info=tag.INTERNAL),
    Column("org_id", Text, primary_key=True, info=tag.INTERNAL),
    Column("framework_id", Text, primary_key=True, info=tag.INTERNAL),
    Column("domain_id", Text, primary_key=True, info=tag.INTERNAL),
    Column("word", Text, nullable=False, info=tag.INTERNAL),
    _of_use("board_profile_of_use"),
)
