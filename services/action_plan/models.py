"""The tables of this service. Every row of an organisation carries its tenant; keys and references lead with it.

A plan is the aggregate: whoever changes it, its priorities or its actions locks its row first, so that the counts an
event carries are right and its events leave in order. The history of an action and the approvals of a plan are added
to and never changed. An action hangs on its priority and the priority on the plan, one chain, so that a move to
another tenant reaches each row once.
"""

from sqlalchemy import (
    CheckConstraint,
    Column,
    Date,
    DateTime,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.sql.schema import SchemaItem

from shared import column_tags as tag

metadata = MetaData()
Instant = DateTime(timezone=True)
TABLES_WITHOUT_TENANT = {"national_priority": "the same for everybody who signed in"}


def _tenant_table(name: str, *parts: SchemaItem) -> Table:
    return Table(
        name,
        metadata,
        Column("tenant_id", Text, nullable=False, info=tag.INTERNAL),
        Column("org_id", Text, nullable=False, info=tag.INTERNAL),
        *parts,
    )


def _of_a_plan() -> ForeignKeyConstraint:
    """A reference to the plan that follows it when its organisation moves to another tenant."""
    return ForeignKeyConstraint(["tenant_id", "plan_id"], ["plan.tenant_id", "plan.id"], onupdate="CASCADE")


national_priority = Table(
    "national_priority",
    metadata,
    Column("priority_code", Text, primary_key=True, info=tag.PUBLIC),
    Column("starts_on", Date, nullable=False, info=tag.PUBLIC),
    Column("ends_on", Date, nullable=False, info=tag.PUBLIC),
    Column("item_ids", ARRAY(Text), nullable=False, info=tag.PUBLIC),
)

plan = _tenant_table(
    "plan",
    Column("id", Uuid, nullable=False, info=tag.INTERNAL),
    Column("round_id", Uuid, nullable=False, info=tag.INTERNAL),
    Column("question_set_id", Text, nullable=False, info=tag.PUBLIC),
    Column("state", Text, nullable=False, info=tag.INTERNAL),
    Column("version", Integer, nullable=False, info=tag.INTERNAL),
    Column("revision", Integer, nullable=False, info=tag.INTERNAL),
    Column("aim", Text, nullable=False, info=tag.FREE_TEXT),
    Column("items", JSONB, nullable=False, info=tag.INTERNAL),
    Column("suggestions", JSONB, nullable=False, info=tag.INTERNAL),
    Column("agreed_on", Date, nullable=False, info=tag.INTERNAL),
    Column("signed_off_on", Date, info=tag.INTERNAL),
    Column("drafted_at", Instant, nullable=False, info=tag.INTERNAL),
    Column("refreshed_at", Instant, info=tag.INTERNAL),
    Column("approval_requested_at", Instant, info=tag.INTERNAL),
    Column("approval_requested_by", Text, info=tag.PERSONAL),
    Column("sent_back_note", Text, info=tag.FREE_TEXT),
    Column("sent_back_by", Text, info=tag.PERSONAL),
    Column("approved_at", Instant, info=tag.INTERNAL),
    Column("approved_by", Text, info=tag.PERSONAL),
    Column("approved_revision", Integer, info=tag.INTERNAL),
    Column("sharing_proposed_at", Instant, info=tag.INTERNAL),
    Column("sharing_proposed_by", Text, info=tag.PERSONAL),
    Column("closed_at", Instant, info=tag.INTERNAL),
    Column("close_code", Text, info=tag.INTERNAL),
    Column("levels_withdrawn_at", Instant, info=tag.INTERNAL),
    PrimaryKeyConstraint("tenant_id", "id"),
    CheckConstraint("state in ('drafted', 'awaiting_approval', 'approved', 'closed')", name="plan_state_is_known"),
)
Index("plan_one_a_round", plan.c.tenant_id, plan.c.org_id, plan.c.round_id, unique=True)

plan_approval = _tenant_table(
    "plan_approval",
    Column("plan_id", Uuid, nullable=False, info=tag.INTERNAL),
    Column("revision", Integer, nullable=False, info=tag.INTERNAL),
    Column("content", JSONB, nullable=False, info=tag.FREE_TEXT),
    Column("approved_by", Text, nullable=False, info=tag.PERSONAL),
    Column("approved_as", Text, nullable=False, info=tag.INTERNAL),
    Column("approved_at", Instant, nullable=False, info=tag.INTERNAL),
    PrimaryKeyConstraint("tenant_id", "plan_id", "revision"),
    _of_a_plan(),
)

priority = _tenant_table(
    "priority",
    Column("id", Uuid, nullable=False, info=tag.INTERNAL),
    Column("plan_id", Uuid, nullable=False, info=tag.INTERNAL),
    Column("item_id", Text, nullable=False, info=tag.INTERNAL),
    Column("practice_id", Text, nullable=False, info=tag.INTERNAL),
    Column("title", Text, nullable=False, info=tag.FREE_TEXT),
    Column("position", Integer, nullable=False, info=tag.INTERNAL),
    Column("dropped_at", Instant, info=tag.INTERNAL),
    PrimaryKeyConstraint("tenant_id", "id"),
    UniqueConstraint("tenant_id", "plan_id", "id", name="priority_of_its_plan"),
    UniqueConstraint("tenant_id", "plan_id", "item_id", name="priority_once_an_item"),
    _of_a_plan(),
)

action = _tenant_table(
    "action",
    Column("id", Uuid, nullable=False, info=tag.INTERNAL),
    Column("plan_id", Uuid, nullable=False, info=tag.INTERNAL),
    Column("priority_id", Uuid, nullable=False, info=tag.INTERNAL),
    Column("title", Text, nullable=False, info=tag.FREE_TEXT),
    Column("owner_id", Text, nullable=False, info=tag.PERSONAL),
    Column("due_on", Date, nullable=False, info=tag.INTERNAL),
    Column("status", Text, nullable=False, info=tag.INTERNAL),
    Column("next_step", Text, nullable=False, info=tag.FREE_TEXT),
    Column("blocked_by", Text, nullable=False, info=tag.FREE_TEXT),
    Column("stopped_reason", Text, nullable=False, info=tag.FREE_TEXT),
    Column("version", Integer, nullable=False, info=tag.INTERNAL),
    Column("created_by", Text, nullable=False, info=tag.PERSONAL),
    Column("created_at", Instant, nullable=False, info=tag.INTERNAL),
    Column("changed_at", Instant, nullable=False, info=tag.INTERNAL),
    # For which due day the owner was told: a day that comes back is not told twice.
    Column("told_due_soon_for", Date, info=tag.INTERNAL),
    Column("told_overdue_for", Date, info=tag.INTERNAL),
    PrimaryKeyConstraint("tenant_id", "id"),
    ForeignKeyConstraint(
        ["tenant_id", "plan_id", "priority_id"],
        ["priority.tenant_id", "priority.plan_id", "priority.id"],
        onupdate="CASCADE",
    ),
    CheckConstraint(
        "status in ('not_started', 'on_track', 'off_track', 'too_early_to_tell', 'done', 'stopped')",
        name="action_status_is_known",
    ),
    CheckConstraint("(status = 'stopped') = (stopped_reason <> '')", name="action_stopped_has_a_reason"),
)
Index("action_by_plan", action.c.tenant_id, action.c.plan_id, action.c.due_on)
Index("action_by_due_day", action.c.tenant_id, action.c.org_id, action.c.due_on, action.c.id)

action_change = _tenant_table(
    "action_change",
    Column("id", Uuid, nullable=False, info=tag.INTERNAL),
    Column("action_id", Uuid, nullable=False, info=tag.INTERNAL),
    Column("at", Instant, nullable=False, info=tag.INTERNAL),
    Column("person_id", Text, nullable=False, info=tag.PERSONAL),
    Column("version", Integer, nullable=False, info=tag.INTERNAL),
    Column("changes", JSONB, nullable=False, info=tag.FREE_TEXT),
    PrimaryKeyConstraint("tenant_id", "id"),
    ForeignKeyConstraint(["tenant_id", "action_id"], ["action.tenant_id", "action.id"], onupdate="CASCADE"),
)
Index("action_change_by_action", action_change.c.tenant_id, action_change.c.action_id, action_change.c.version)

sharing_grant = _tenant_table(
    "sharing_grant",
    Column("id", Uuid, nullable=False, info=tag.INTERNAL),
    Column("plan_id", Uuid, nullable=False, info=tag.INTERNAL),
    Column("shared_with", Text, nullable=False, info=tag.INTERNAL),
    Column("granted_by", Text, nullable=False, info=tag.PERSONAL),
    Column("granted_at", Instant, nullable=False, info=tag.INTERNAL),
    Column("stopped_by", Text, info=tag.PERSONAL),
    Column("stopped_at", Instant, info=tag.INTERNAL),
    PrimaryKeyConstraint("tenant_id", "id"),
    _of_a_plan(),
)
Index(
    "sharing_grant_one_running",
    sharing_grant.c.tenant_id,
    sharing_grant.c.org_id,
    sharing_grant.c.shared_with,
    unique=True,
    postgresql_where=text("stopped_at is null"),
)

shared_view = _tenant_table(
    "shared_view",
    Column("id", Uuid, nullable=False, info=tag.INTERNAL),
    Column("plan_id", Uuid, nullable=False, info=tag.INTERNAL),
    Column("audience_tenant", Text, nullable=False, info=tag.INTERNAL),
    Column("audience_kind", Text, nullable=False, info=tag.INTERNAL),
    Column("how_much", Text, nullable=False, info=tag.INTERNAL),
    Column("content", JSONB, nullable=False, info=tag.FREE_TEXT),
    Column("shared_at", Instant, nullable=False, info=tag.INTERNAL),
    PrimaryKeyConstraint("tenant_id", "id"),
)
Index("shared_view_by_audience", shared_view.c.audience_tenant, shared_view.c.org_id)

shared_view_reading = _tenant_table(
    "shared_view_reading",
    Column("shared_view_id", Uuid, nullable=False, info=tag.INTERNAL),
    Column("audience_tenant", Text, nullable=False, info=tag.INTERNAL),
    Column("person_id", Text, nullable=False, info=tag.PERSONAL),
    Column("first_read_at", Instant, nullable=False, info=tag.INTERNAL),
    Column("last_read_at", Instant, nullable=False, info=tag.INTERNAL),
    PrimaryKeyConstraint("tenant_id", "shared_view_id", "person_id"),
)
