"""The tables of this service. Every row of an organisation carries its tenant; keys and references lead with it.

Three shapes protect the private answers:

- `answer` is readable and writable by its author alone (kind PERSONAL), whatever the role or query.
- `answer_box` is what the answers of one round hang on: deleting it destroys them all, unread.
- `closing` (who was counted, and on which side they sit) and `item_range` are written only by the function that counts
  views (see `infra/postgres/after_migrations/assessment__range.sql`); the app role reads them.
"""

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Text,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from services.assessment.evidence_models import evidence as evidence
from services.assessment.evidence_models import stored_file as stored_file
from services.assessment.table_shapes import Instant, of_a_round, tenant_table
from services.assessment.table_shapes import metadata as metadata
from shared import column_tags as tag

TABLES_WITHOUT_TENANT = {
    "question_set": "published words, the same for everybody who signed in",
    "question_set_draft": "the national team's work on the next words; its own scope alone",
}


question_set = Table(
    "question_set",
    metadata,
    Column("id", Text, primary_key=True, info=tag.PUBLIC),
    Column("version", Text, nullable=False, info=tag.PUBLIC),
    Column("audience", Text, nullable=False, info=tag.PUBLIC),
    Column("title", Text, nullable=False, info=tag.PUBLIC),
    Column("illustrative", Boolean, nullable=False, info=tag.PUBLIC),
    Column("content", JSONB, nullable=False, info=tag.PUBLIC),
    Column("sha256", Text, nullable=False, info=tag.PUBLIC),
    Column("published_at", Instant, nullable=False, info=tag.PUBLIC),
    Column("retired_on", Date, info=tag.PUBLIC),
    Column("replaced_by", Text, ForeignKey("question_set.id"), info=tag.PUBLIC),
)

question_set_draft = Table(
    "question_set_draft",
    metadata,
    Column("id", Uuid, primary_key=True, info=tag.INTERNAL),
    Column("question_set_id", Text, nullable=False, info=tag.INTERNAL),
    Column("state", Text, nullable=False, info=tag.INTERNAL),
    Column("content", JSONB, nullable=False, info=tag.INTERNAL),
    Column("file_name", Text, nullable=False, info=tag.FREE_TEXT),
    Column("worked_on_by", ARRAY(Text), nullable=False, info=tag.PERSONAL),
    Column("created_by", Text, nullable=False, info=tag.PERSONAL),
    Column("created_at", Instant, nullable=False, info=tag.INTERNAL),
    Column("sent_by", Text, info=tag.PERSONAL),
    Column("sent_at", Instant, info=tag.INTERNAL),
    Column("note", Text, info=tag.FREE_TEXT),
    Column("decided_by", Text, info=tag.PERSONAL),
    Column("decided_at", Instant, info=tag.INTERNAL),
    CheckConstraint(
        "state <> 'published' or (decided_by is not null and not decided_by = any (worked_on_by))",
        name="question_set_draft_approved_by_another",
    ),
)
Index(
    "question_set_draft_one_at_work",
    question_set_draft.c.question_set_id,
    unique=True,
    postgresql_where=text("state in ('draft', 'sent')"),
)

round_ = tenant_table(
    "round",
    Column("id", Uuid, nullable=False, info=tag.INTERNAL),
    Column("question_set_id", Text, ForeignKey("question_set.id"), nullable=False, info=tag.PUBLIC),
    Column("kind", Text, nullable=False, info=tag.INTERNAL),
    Column("name", Text, nullable=False, info=tag.FREE_TEXT),
    Column("note", Text, nullable=False, info=tag.FREE_TEXT),
    Column("state", Text, nullable=False, info=tag.INTERNAL),
    Column("version", Integer, nullable=False, info=tag.INTERNAL),
    Column("closes_on", Date, nullable=False, info=tag.INTERNAL),
    Column("discussion_on", Date, info=tag.INTERNAL),
    Column("created_by", Text, nullable=False, info=tag.PERSONAL),
    Column("created_at", Instant, nullable=False, info=tag.INTERNAL),
    Column("opened_at", Instant, info=tag.INTERNAL),
    Column("closed_at", Instant, info=tag.INTERNAL),
    Column("agreed_at", Instant, info=tag.INTERNAL),
    Column("signed_off_at", Instant, info=tag.INTERNAL),
    Column("reopen_reason", Text, info=tag.FREE_TEXT),
    Column("abandon_reason", Text, info=tag.FREE_TEXT),
    Column("sent_back_note", Text, info=tag.FREE_TEXT),
    Column("sent_back_by", Text, info=tag.PERSONAL),
    Column("decision_meeting_on", Date, info=tag.INTERNAL),
    Column("decision_minute", Text, info=tag.FREE_TEXT),
    Column("decision_recorded_by", Text, info=tag.PERSONAL),
    Column("decision_recorded_at", Instant, info=tag.INTERNAL),
    Column("compares_sides", Boolean, nullable=False, server_default=text("false"), info=tag.INTERNAL),
    Column("ranges_held_back", Boolean, nullable=False, server_default=text("false"), info=tag.INTERNAL),
    Column("reminded_on", Date, info=tag.INTERNAL),
    PrimaryKeyConstraint("tenant_id", "id"),
)
Index(
    "round_one_in_progress",
    round_.c.tenant_id,
    round_.c.org_id,
    round_.c.kind,
    unique=True,
    postgresql_where=text("state in ('open', 'closed', 'agreed')"),
)
Index("round_by_organisation", round_.c.tenant_id, round_.c.org_id, round_.c.created_at)

respondent = tenant_table(
    "respondent",
    Column("round_id", Uuid, nullable=False, info=tag.INTERNAL),
    Column("person_id", Text, nullable=False, info=tag.PERSONAL),
    Column("executive", Boolean, info=tag.PERSONAL),
    Column("finished", Boolean, nullable=False, info=tag.PERSONAL),
    Column("removed", Boolean, nullable=False, info=tag.PERSONAL),
    Column("invited_at", Instant, nullable=False, info=tag.INTERNAL),
    PrimaryKeyConstraint("tenant_id", "round_id", "person_id"),
    of_a_round(),
)

answer_box = tenant_table(
    "answer_box",
    Column("round_id", Uuid, nullable=False, info=tag.INTERNAL),
    PrimaryKeyConstraint("tenant_id", "round_id"),
    of_a_round(),
)


def _in_the_box() -> ForeignKeyConstraint:
    return ForeignKeyConstraint(
        ["tenant_id", "round_id"],
        ["answer_box.tenant_id", "answer_box.round_id"],
        onupdate="CASCADE",
        ondelete="CASCADE",
    )


answer = tenant_table(
    "answer",
    Column("round_id", Uuid, nullable=False, info=tag.INTERNAL),
    Column("person_id", Text, nullable=False, info=tag.PERSONAL),
    Column("item_id", Text, nullable=False, info=tag.PRIVATE),
    Column("level", SmallInteger, info=tag.PRIVATE),
    Column("cannot_judge", Boolean, nullable=False, info=tag.PRIVATE),
    Column("why", Text, nullable=False, info=tag.PRIVATE),
    Column("evidence", Text, nullable=False, info=tag.PRIVATE),
    Column("offered", Boolean, nullable=False, info=tag.PRIVATE),
    Column("offered_text_id", Uuid, info=tag.PRIVATE),
    Column("version", Integer, nullable=False, info=tag.PRIVATE),
    Column("saved_at", Instant, nullable=False, info=tag.PRIVATE),
    # What the last shown range of the item counted, kept so that a later range can be compared with it.
    Column("saved_in", Integer, nullable=False, info=tag.PRIVATE),
    Column("counted_level", SmallInteger, info=tag.PRIVATE),
    Column("counted_cannot_judge", Boolean, nullable=False, info=tag.PRIVATE),
    PrimaryKeyConstraint("tenant_id", "round_id", "person_id", "item_id"),
    _in_the_box(),
    CheckConstraint("level between 1 and 5", name="answer_level_is_one_of_five"),
    CheckConstraint("(level is null) = cannot_judge", name="answer_says_one_thing"),
)

offered_text = tenant_table(
    "offered_text",
    Column("id", Uuid, nullable=False, info=tag.INTERNAL),
    Column("round_id", Uuid, nullable=False, info=tag.INTERNAL),
    Column("item_id", Text, nullable=False, info=tag.INTERNAL),
    Column("why", Text, nullable=False, info=tag.FREE_TEXT),
    Column("evidence", Text, nullable=False, info=tag.FREE_TEXT),
    PrimaryKeyConstraint("tenant_id", "id"),
    _in_the_box(),
)
Index("offered_text_by_round", offered_text.c.tenant_id, offered_text.c.round_id)

closing = tenant_table(
    "closing",
    Column("round_id", Uuid, nullable=False, info=tag.INTERNAL),
    Column("number", Integer, nullable=False, info=tag.INTERNAL),
    Column("people", ARRAY(Text), nullable=False, info=tag.PERSONAL),
    Column("executives", ARRAY(Text), nullable=False, info=tag.PERSONAL),
    Column("non_executives", ARRAY(Text), nullable=False, info=tag.PERSONAL),
    Column("counted_at", Instant, info=tag.INTERNAL),
    Column("held_back_by_earlier", Boolean, nullable=False, server_default=text("false"), info=tag.INTERNAL),
    PrimaryKeyConstraint("tenant_id", "round_id", "number"),
    of_a_round(),
)

item_range = tenant_table(
    "item_range",
    Column("round_id", Uuid, nullable=False, info=tag.INTERNAL),
    Column("item_id", Text, nullable=False, info=tag.INTERNAL),
    Column("seen_in", Integer, nullable=False, info=tag.INTERNAL),
    Column("shown", Boolean, nullable=False, info=tag.INTERNAL),
    Column("level_counts", ARRAY(Integer), info=tag.INTERNAL),
    Column("cannot_judge", Integer, info=tag.INTERNAL),
    Column("executive_counts", ARRAY(Integer), info=tag.INTERNAL),
    Column("non_executive_counts", ARRAY(Integer), info=tag.INTERNAL),
    Column("late_answers", Boolean, nullable=False, info=tag.INTERNAL),
    Column("looked_at_in", ARRAY(Integer), nullable=False, server_default=text("'{}'"), info=tag.INTERNAL),
    Column("sides_weighed_in", ARRAY(Integer), nullable=False, server_default=text("'{}'"), info=tag.INTERNAL),
    PrimaryKeyConstraint("tenant_id", "round_id", "item_id"),
    of_a_round(),
)

agreement = tenant_table(
    "agreement",
    Column("round_id", Uuid, nullable=False, info=tag.INTERNAL),
    Column("item_id", Text, nullable=False, info=tag.INTERNAL),
    Column("level", SmallInteger, nullable=False, info=tag.INTERNAL),
    Column("reason", Text, nullable=False, info=tag.FREE_TEXT),
    Column("evidence", Text, nullable=False, info=tag.FREE_TEXT),
    Column("differed", Text, nullable=False, info=tag.FREE_TEXT),
    Column("aim_level", SmallInteger, info=tag.INTERNAL),
    Column("recorded_by", Text, nullable=False, info=tag.PERSONAL),
    Column("recorded_at", Instant, nullable=False, info=tag.INTERNAL),
    Column("version", Integer, nullable=False, info=tag.INTERNAL),
    PrimaryKeyConstraint("tenant_id", "round_id", "item_id"),
    of_a_round(),
    CheckConstraint("level between 1 and 5", name="agreement_level_is_one_of_five"),
    CheckConstraint("aim_level between level and 5", name="agreement_aim_is_not_below_level"),
)

parked_item = tenant_table(
    "parked_item",
    Column("round_id", Uuid, nullable=False, info=tag.INTERNAL),
    Column("item_id", Text, nullable=False, info=tag.INTERNAL),
    Column("parked_by", Text, nullable=False, info=tag.PERSONAL),
    Column("parked_at", Instant, nullable=False, info=tag.INTERNAL),
    PrimaryKeyConstraint("tenant_id", "round_id", "item_id"),
    of_a_round(),
)

practice_level = tenant_table(
    "practice_level",
    Column("round_id", Uuid, nullable=False, info=tag.INTERNAL),
    Column("practice_id", Text, nullable=False, info=tag.INTERNAL),
    Column("level", SmallInteger, nullable=False, info=tag.INTERNAL),
    Column("recorded_by", Text, nullable=False, info=tag.PERSONAL),
    Column("recorded_at", Instant, nullable=False, info=tag.INTERNAL),
    Column("version", Integer, nullable=False, info=tag.INTERNAL),
    PrimaryKeyConstraint("tenant_id", "round_id", "practice_id"),
    of_a_round(),
    CheckConstraint("level between 1 and 5", name="practice_level_is_one_of_five"),
)

signed_result = tenant_table(
    "signed_result",
    Column("round_id", Uuid, nullable=False, info=tag.INTERNAL),
    Column("revision", Integer, nullable=False, info=tag.INTERNAL),
    Column("content", Text, nullable=False, info=tag.FREE_TEXT),
    Column("sha256", Text, nullable=False, info=tag.INTERNAL),
    Column("signed_by", Text, nullable=False, info=tag.PERSONAL),
    Column("signed_as", Text, nullable=False, info=tag.INTERNAL),
    Column("signed_at", Instant, nullable=False, info=tag.INTERNAL),
    Column("meeting_on", Date, nullable=False, info=tag.INTERNAL),
    Column("minute", Text, nullable=False, info=tag.FREE_TEXT),
    PrimaryKeyConstraint("tenant_id", "round_id", "revision"),
    of_a_round(),
)

earlier_result = tenant_table(
    "earlier_result",
    Column("id", Uuid, nullable=False, info=tag.INTERNAL),
    Column("kind", Text, nullable=False, info=tag.INTERNAL),
    Column("name", Text, nullable=False, info=tag.FREE_TEXT),
    Column("question_set_id", Text, ForeignKey("question_set.id"), nullable=False, info=tag.PUBLIC),
    Column("agreed_on", Date, nullable=False, info=tag.INTERNAL),
    Column("content", Text, nullable=False, info=tag.FREE_TEXT),
    Column("sha256", Text, nullable=False, info=tag.INTERNAL),
    Column("imported_by", Text, nullable=False, info=tag.PERSONAL),
    Column("imported_at", Instant, nullable=False, info=tag.INTERNAL),
    Column("confirmed_at", Instant, info=tag.INTERNAL),
    PrimaryKeyConstraint("tenant_id", "id"),
)
Index(
    "earlier_result_by_organisation",
    earlier_result.c.tenant_id,
    earlier_result.c.org_id,
    earlier_result.c.agreed_on,
)

item_question = tenant_table(
    "item_question",
    Column("id", Uuid, nullable=False, info=tag.INTERNAL),
    Column("round_id", Uuid, nullable=False, info=tag.INTERNAL),
    Column("item_id", Text, nullable=False, info=tag.INTERNAL),
    Column("question", Text, nullable=False, info=tag.FREE_TEXT),
    Column("asked_by", Text, nullable=False, info=tag.PERSONAL),
    Column("asked_at", Instant, nullable=False, info=tag.INTERNAL),
    Column("answer", Text, info=tag.FREE_TEXT),
    Column("answered_by", Text, info=tag.PERSONAL),
    Column("answered_at", Instant, info=tag.INTERNAL),
    PrimaryKeyConstraint("tenant_id", "id"),
    of_a_round(),
)
Index("item_question_by_round", item_question.c.tenant_id, item_question.c.round_id, item_question.c.asked_at)

sharing_proposal = tenant_table(
    "sharing_proposal",
    Column("round_id", Uuid, nullable=False, info=tag.INTERNAL),
    Column("share_summary", Boolean, nullable=False, info=tag.INTERNAL),
    Column("share_priorities", Boolean, nullable=False, info=tag.INTERNAL),
    Column("count_us", Boolean, nullable=False, info=tag.INTERNAL),
    Column("how_much", Text, info=tag.INTERNAL),
    Column("valid_until", Date, info=tag.INTERNAL),
    Column("proposed_by", Text, nullable=False, info=tag.PERSONAL),
    Column("proposed_at", Instant, nullable=False, info=tag.INTERNAL),
    PrimaryKeyConstraint("tenant_id", "round_id"),
    of_a_round(),
)

sharing_grant = tenant_table(
    "sharing_grant",
    Column("id", Uuid, nullable=False, info=tag.INTERNAL),
    Column("round_id", Uuid, nullable=False, info=tag.INTERNAL),
    Column("what", Text, nullable=False, info=tag.INTERNAL),
    Column("shared_with", Text, nullable=False, info=tag.INTERNAL),
    Column("granted_by", Text, nullable=False, info=tag.PERSONAL),
    Column("granted_at", Instant, nullable=False, info=tag.INTERNAL),
    Column("stopped_by", Text, info=tag.PERSONAL),
    Column("stopped_at", Instant, info=tag.INTERNAL),
    Column("how_much", Text, info=tag.INTERNAL),
    Column("valid_until", Date, info=tag.INTERNAL),
    PrimaryKeyConstraint("tenant_id", "id"),
    of_a_round(),
)
Index(
    "sharing_grant_one_running",
    sharing_grant.c.tenant_id,
    sharing_grant.c.round_id,
    sharing_grant.c.what,
    unique=True,
    postgresql_where=text("stopped_at is null"),
)

shared_view = tenant_table(
    "shared_view",
    Column("id", Uuid, nullable=False, info=tag.INTERNAL),
    Column("round_id", Uuid, nullable=False, info=tag.INTERNAL),
    Column("audience_tenant", Text, nullable=False, info=tag.INTERNAL),
    Column("audience_kind", Text, nullable=False, info=tag.INTERNAL),
    Column("how_much", Text, nullable=False, info=tag.INTERNAL),
    Column("content", JSONB, nullable=False, info=tag.FREE_TEXT),
    Column("shared_at", Instant, nullable=False, info=tag.INTERNAL),
    Column("valid_until", Date, info=tag.INTERNAL),
    PrimaryKeyConstraint("tenant_id", "id"),
)
shared_view_reading = tenant_table(
    "shared_view_reading",
    Column("shared_view_id", Uuid, nullable=False, info=tag.INTERNAL),
    Column("audience_tenant", Text, nullable=False, info=tag.INTERNAL),
    Column("person_id", Text, nullable=False, info=tag.PERSONAL),
    Column("first_read_at", Instant, nullable=False, info=tag.INTERNAL),
    Column("last_read_at", Instant, nullable=False, info=tag.INTERNAL),
    PrimaryKeyConstraint("tenant_id", "shared_view_id", "person_id"),
)

progress_visibility = tenant_table(
    "progress_visibility",
    Column("visible", Boolean, nullable=False, info=tag.INTERNAL),
    Column("changed_by", Text, nullable=False, info=tag.PERSONAL),
    Column("changed_at", Instant, nullable=False, info=tag.INTERNAL),
    PrimaryKeyConstraint("tenant_id", "org_id"),
)
