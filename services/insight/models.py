"""Insight's tables.

Two halves. The read model is written by `handlers.py` alone, one row an aggregate: a row depends on the events of its
own key only, so no interleaving of keys and no replay can make it differ. What the ICB reads as "one row a trust" is
joined from it when asked. The published half is written once and never changed: sets, their cells (all that the
national login can read) and the snapshots behind them (read by the aggregator alone, to decide and audit later sets).
"""

from sqlalchemy import Boolean, Column, Date, DateTime, Index, Integer, MetaData, Table, Text, Uuid
from sqlalchemy.dialects.postgresql import JSONB

from shared import column_tags as tag

metadata = MetaData()
Instant = DateTime(timezone=True)


def _followed(name: str, *columns: Column[object] | Index) -> Table:
    """A table of the read model: `version` and `changed_at` are those of the last event applied to the row."""
    return Table(
        name,
        metadata,
        Column("tenant_id", Text, primary_key=True, info=tag.INTERNAL),
        *columns,
        Column("version", Integer, nullable=False, info=tag.INTERNAL),
        Column("changed_at", Instant, nullable=False, info=tag.INTERNAL),
    )


assessment_status = _followed(
    "assessment_status",
    Column("round_id", Uuid(as_uuid=False), primary_key=True, info=tag.INTERNAL),
    Column("org_id", Text, nullable=False, info=tag.INTERNAL),
    Column("question_set_id", Text, info=tag.INTERNAL),
    Column("audience", Text, info=tag.INTERNAL),
    Column("stage", Text, info=tag.INTERNAL),
    Column("stage_since", Date, info=tag.INTERNAL),
    Column("opened_on", Date, info=tag.INTERNAL),
    Column("closes_on", Date, info=tag.INTERNAL),
    Column("discussion_on", Date, info=tag.INTERNAL),
    Column("signed_off_on", Date, info=tag.INTERNAL),
    Column("corrected_on", Date, info=tag.INTERNAL),
    Column("invited", Integer, info=tag.INTERNAL),
    Column("finished", Integer, info=tag.INTERNAL),
    Index("assessment_status_by_organisation", "tenant_id", "org_id", "opened_on"),
)
plan_status = _followed(
    "plan_status",
    Column("plan_id", Uuid(as_uuid=False), primary_key=True, info=tag.INTERNAL),
    Column("org_id", Text, nullable=False, info=tag.INTERNAL),
    Column("round_id", Uuid(as_uuid=False), info=tag.INTERNAL),
    Column("state", Text, info=tag.INTERNAL),
    Column("state_since", Date, info=tag.INTERNAL),
    Column("drafted_on", Date, info=tag.INTERNAL),
    Column("approved_on", Date, info=tag.INTERNAL),
    Column("priorities", Integer, info=tag.INTERNAL),
    Column("done", Integer, info=tag.INTERNAL),
    Column("under_way", Integer, info=tag.INTERNAL),
    Column("overdue", Integer, info=tag.INTERNAL),
    Index("plan_status_by_organisation", "tenant_id", "org_id", "drafted_on"),
)
sharing_status = _followed(
    "sharing_status",
    Column("sharing_id", Uuid(as_uuid=False), primary_key=True, info=tag.INTERNAL),
    Column("org_id", Text, nullable=False, info=tag.INTERNAL),
    Column("what", Text, nullable=False, info=tag.INTERNAL),
    Column("shown_to", Text, nullable=False, info=tag.INTERNAL),
    Column("granted_on", Date, info=tag.INTERNAL),
    Column("valid_until", Date, info=tag.INTERNAL),
    Column("stopped_on", Date, info=tag.INTERNAL),
    Index("sharing_status_by_organisation", "tenant_id", "org_id"),
)
progress_visibility = _followed(
    "progress_visibility",
    Column("org_id", Text, primary_key=True, info=tag.INTERNAL),
    Column("visible", Boolean, nullable=False, info=tag.INTERNAL),
    Column("changed_on", Date, nullable=False, info=tag.INTERNAL),
)
contribution = _followed(
    "contribution",
    Column("org_id", Text, primary_key=True, info=tag.INTERNAL),
    Column("question_set_id", Text, info=tag.INTERNAL),
    Column("contributed_on", Date, info=tag.INTERNAL),
    Column("levels", JSONB(none_as_null=True), info=tag.PRIVATE),
    Column("edition", Integer, nullable=False, info=tag.INTERNAL),
)
"""Practice levels of a trust that lets itself be counted; none once it stopped. `edition` counts how often the levels
changed, so that two sets can be compared without keeping what was counted then."""

question_set = Table(
    "question_set",
    metadata,
    Column("question_set_id", Text, primary_key=True, info=tag.PUBLIC),
    Column("audience", Text, nullable=False, info=tag.PUBLIC),
    Column("practices", JSONB, nullable=False, info=tag.PUBLIC),
    Column("illustrative", Boolean, nullable=False, info=tag.PUBLIC),
    Column("effective_from", Date, nullable=False, info=tag.PUBLIC),
    Column("version", Integer, nullable=False, info=tag.INTERNAL),
    Column("changed_at", Instant, nullable=False, info=tag.INTERNAL),
)

READ_MODEL = (
    assessment_status,
    plan_status,
    sharing_status,
    progress_visibility,
    contribution,
    question_set,
)
"""Everything that `rebuild.py` makes again from the events."""

figure_set = Table(
    "figure_set",
    metadata,
    Column("id", Uuid(as_uuid=False), primary_key=True, info=tag.PUBLIC),
    Column("number", Integer, nullable=False, unique=True, info=tag.PUBLIC),
    Column("state", Text, nullable=False, info=tag.PUBLIC),
    Column("as_at", Date, nullable=False, info=tag.PUBLIC),
    Column("prepared_at", Instant, nullable=False, info=tag.PUBLIC),
    Column("prepared_by", Text, nullable=False, info=tag.INTERNAL),
    Column("published_at", Instant, info=tag.PUBLIC),
    Column("published_by", Text, info=tag.INTERNAL),
    Column("revises", Uuid(as_uuid=False), info=tag.PUBLIC),
    Column("revision", Integer, nullable=False, info=tag.PUBLIC),
    Column("revision_note", Text, info=tag.FREE_TEXT),
    Column("fictional", Boolean, nullable=False, server_default="false", info=tag.PUBLIC),
    Column("measures", JSONB, nullable=False, server_default="[]", info=tag.PUBLIC),
    Column("verdict", JSONB, nullable=False, server_default="{}", info=tag.INTERNAL),
)
national_cell = Table(
    "national_cell",
    metadata,
    Column("set_id", Uuid(as_uuid=False), primary_key=True, info=tag.PUBLIC),
    Column("measure", Text, primary_key=True, info=tag.PUBLIC),
    Column("breakdown", Text, primary_key=True, info=tag.PUBLIC),
    Column("group_code", Text, primary_key=True, info=tag.PUBLIC),
    Column("value", Text, primary_key=True, info=tag.PUBLIC),
    Column("group_name", Text, nullable=False, info=tag.PUBLIC),
    Column("position", Integer, nullable=False, info=tag.PUBLIC),
    Column("shown", Text, nullable=False, info=tag.PUBLIC),
    Column("hidden", Text, info=tag.PUBLIC),
    Column("as_at", Date, nullable=False, info=tag.PUBLIC),
)
snapshot = Table(
    "snapshot",
    metadata,
    Column("set_id", Uuid(as_uuid=False), primary_key=True, info=tag.INTERNAL),
    Column("measure", Text, primary_key=True, info=tag.INTERNAL),
    Column("breakdown", Text, primary_key=True, info=tag.INTERNAL),
    Column("group_code", Text, primary_key=True, info=tag.INTERNAL),
    Column("number", Integer, nullable=False, info=tag.INTERNAL),
    Column("counts", JSONB(none_as_null=True), info=tag.INTERNAL),
    Column("hidden", Text, info=tag.INTERNAL),
    Column("as_at", Date, nullable=False, info=tag.INTERNAL),
    Column("members", JSONB, nullable=False, info=tag.PRIVATE),
)
"""`members`: for each trust counted its edition, region and sector."""

TABLES_WITHOUT_TENANT = {
    "question_set": "content for everybody",
    "figure_set": "national figures; who may see a set is its own policy",
    "national_cell": "counts over all tenants; read by the national login alone",
    "snapshot": "what counts over all tenants were made of; read by the aggregator alone",
}
