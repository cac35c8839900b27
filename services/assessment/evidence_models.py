"""The tables of evidence: files, with what became of their check, and what they are evidence of."""

from sqlalchemy import CheckConstraint, Column, ForeignKeyConstraint, Index, Integer, PrimaryKeyConstraint, Text, Uuid

from services.assessment.table_shapes import Instant, of_a_round, tenant_table
from shared import column_tags as tag

stored_file = tenant_table(
    "stored_file",
    Column("id", Uuid, nullable=False, info=tag.INTERNAL),
    Column("key", Text, nullable=False, info=tag.INTERNAL),
    Column("name", Text, nullable=False, info=tag.FREE_TEXT),
    Column("media_type", Text, nullable=False, info=tag.INTERNAL),
    Column("size", Integer, nullable=False, info=tag.INTERNAL),
    Column("sha256", Text, nullable=False, info=tag.INTERNAL),
    Column("state", Text, nullable=False, info=tag.INTERNAL),
    Column("refused_because", Text, info=tag.INTERNAL),
    Column("uploaded_by", Text, nullable=False, info=tag.PERSONAL),
    Column("uploaded_at", Instant, nullable=False, info=tag.INTERNAL),
    Column("checked_at", Instant, info=tag.INTERNAL),
    PrimaryKeyConstraint("tenant_id", "id"),
    CheckConstraint("state in ('arriving', 'checking', 'ready', 'refused')", name="stored_file_state_is_known"),
)

evidence = tenant_table(
    "evidence",
    Column("id", Uuid, nullable=False, info=tag.INTERNAL),
    Column("round_id", Uuid, nullable=False, info=tag.INTERNAL),
    Column("item_id", Text, nullable=False, info=tag.INTERNAL),
    Column("title", Text, nullable=False, info=tag.FREE_TEXT),
    Column("link", Text, info=tag.FREE_TEXT),
    Column("file_id", Uuid, info=tag.INTERNAL),
    # The piece of the self-assessment before that this one answers for, and whether it keeps, replaces or drops it.
    Column("earlier_id", Uuid, info=tag.INTERNAL),
    Column("answer", Text, info=tag.INTERNAL),
    Column("added_by", Text, nullable=False, info=tag.PERSONAL),
    Column("added_at", Instant, nullable=False, info=tag.INTERNAL),
    PrimaryKeyConstraint("tenant_id", "id"),
    of_a_round(),
    # Checked at the end of a transaction, so that a move can re-key file and round one after the other.
    ForeignKeyConstraint(
        ["tenant_id", "file_id"],
        ["stored_file.tenant_id", "stored_file.id"],
        onupdate="CASCADE",
        deferrable=True,
        initially="DEFERRED",
    ),
    CheckConstraint("(link is null) <> (file_id is null)", name="evidence_is_a_file_or_a_link"),
    CheckConstraint("answer in ('keep', 'replace', 'drop')", name="evidence_answer_is_known"),
    CheckConstraint("(earlier_id is null) = (answer is null)", name="evidence_answers_for_something"),
)
Index("evidence_by_round", evidence.c.tenant_id, evidence.c.round_id, evidence.c.item_id)
Index("evidence_by_file", evidence.c.tenant_id, evidence.c.file_id)
Index("evidence_answers_once", evidence.c.tenant_id, evidence.c.round_id, evidence.c.earlier_id, unique=True)
