"""Plans, priorities, actions with their history, approvals and sharing."""

from alembic import op

from shared.tenancy import Kind, protect

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

OWNED = "tenant_id text not null, org_id text not null"
OF_A_PLAN = "foreign key (tenant_id, plan_id) references plan (tenant_id, id) on update cascade"
WORK_TABLES = ("plan", "plan_approval", "priority", "action", "action_change", "sharing_grant")
ADDED_TO_ONLY = ("plan_approval", "action_change")
TABLES = ("national_priority", *WORK_TABLES, "shared_view", "shared_view_reading")


def upgrade() -> None:
    """Make every table with its policies."""
    _create_plans()
    _create_actions()
    _create_sharing()
    _protect()


def downgrade() -> None:
    """Remove them."""
    for table in reversed(TABLES):
        op.execute(f"drop table {table} cascade")


def _create_plans() -> None:
    op.execute(
        "create table national_priority (priority_code text primary key, starts_on date not null,"
        " ends_on date not null, item_ids text[] not null)"
    )
    op.execute(
        f"create table plan ({OWNED}, id uuid not null, round_id uuid not null, question_set_id text not null,"
        " state text not null, version integer not null, revision integer not null, aim text not null,"
        " items jsonb not null, suggestions jsonb not null, agreed_on date not null, signed_off_on date,"
        " drafted_at timestamptz not null, refreshed_at timestamptz, approval_requested_at timestamptz,"
        " approval_requested_by text, sent_back_note text, sent_back_by text, approved_at timestamptz,"
        " approved_by text, approved_revision integer, sharing_proposed_at timestamptz, sharing_proposed_by text,"
        " closed_at timestamptz, close_code text, primary key (tenant_id, id),"
        " constraint plan_state_is_known"
        " check (state in ('drafted', 'awaiting_approval', 'approved', 'closed')))"
    )
    op.execute("create unique index plan_one_a_round on plan (tenant_id, org_id, round_id)")
    op.execute(
        f"create table plan_approval ({OWNED}, plan_id uuid not null, revision integer not null,"
        " content jsonb not null, approved_by text not null, approved_as text not null,"
        f" approved_at timestamptz not null, primary key (tenant_id, plan_id, revision), {OF_A_PLAN})"
    )
    op.execute(
        f"create table priority ({OWNED}, id uuid not null, plan_id uuid not null, item_id text not null,"
        " practice_id text not null, title text not null, position integer not null, dropped_at timestamptz,"
        " primary key (tenant_id, id), constraint priority_of_its_plan unique (tenant_id, plan_id, id),"
        f" constraint priority_once_an_item unique (tenant_id, plan_id, item_id), {OF_A_PLAN})"
    )


def _create_actions() -> None:
    op.execute(
        f"create table action ({OWNED}, id uuid not null, plan_id uuid not null, priority_id uuid not null,"
        " title text not null, owner_id text not null, due_on date not null, status text not null,"
        " next_step text not null, blocked_by text not null, stopped_reason text not null, version integer not null,"
        " created_by text not null, created_at timestamptz not null, changed_at timestamptz not null,"
        " told_due_soon_for date, told_overdue_for date, primary key (tenant_id, id),"
        " foreign key (tenant_id, plan_id, priority_id) references priority (tenant_id, plan_id, id)"
        " on update cascade, constraint action_status_is_known check (status in"
        " ('not_started', 'on_track', 'off_track', 'too_early_to_tell', 'done', 'stopped')),"
        " constraint action_stopped_has_a_reason check ((status = 'stopped') = (stopped_reason <> '')))"
    )
    op.execute("create index action_by_plan on action (tenant_id, plan_id, due_on)")
    op.execute("create index action_by_due_day on action (tenant_id, org_id, due_on, id)")
    op.execute(
        f"create table action_change ({OWNED}, id uuid not null, action_id uuid not null, at timestamptz not null,"
        " person_id text not null, version integer not null, changes jsonb not null, primary key (tenant_id, id),"
        " foreign key (tenant_id, action_id) references action (tenant_id, id) on update cascade)"
    )
    op.execute("create index action_change_by_action on action_change (tenant_id, action_id, version)")


def _create_sharing() -> None:
    op.execute(
        f"create table sharing_grant ({OWNED}, id uuid not null, plan_id uuid not null, shared_with text not null,"
        " granted_by text not null, granted_at timestamptz not null, stopped_by text, stopped_at timestamptz,"
        f" primary key (tenant_id, id), {OF_A_PLAN})"
    )
    op.execute(
        "create unique index sharing_grant_one_running on sharing_grant (tenant_id, org_id, shared_with)"
        " where stopped_at is null"
    )
    op.execute(
        f"create table shared_view ({OWNED}, id uuid not null, plan_id uuid not null, audience_tenant text not null,"
        " audience_kind text not null, how_much text not null, content jsonb not null, shared_at timestamptz not null,"
        " primary key (tenant_id, id))"
    )
    op.execute("create index shared_view_by_audience on shared_view (audience_tenant, org_id)")
    op.execute(
        f"create table shared_view_reading ({OWNED}, shared_view_id uuid not null, audience_tenant text not null,"
        " person_id text not null, first_read_at timestamptz not null, last_read_at timestamptz not null,"
        " primary key (tenant_id, shared_view_id, person_id))"
    )


def _protect() -> None:
    protect(op, "national_priority", Kind.GLOBAL)
    protect(op, "shared_view", Kind.AUDIENCE)
    protect(op, "shared_view_reading", Kind.SEEN_BY)
    for table in WORK_TABLES:
        protect(op, table, Kind.WORK)
    for table in ADDED_TO_ONLY:
        op.execute(f"revoke update, delete on {table} from app_action_plan")
