"""Question sets, rounds, private answers, ranges, agreements, results and sharing."""

from alembic import op

from shared.mechanism import create_mechanisms, drop_mechanisms
from shared.tenancy import Kind, protect

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

OWNED = "tenant_id text not null, org_id text not null"
OF_A_ROUND = "foreign key (tenant_id, round_id) references round (tenant_id, id) on update cascade"
IN_THE_BOX = (
    "foreign key (tenant_id, round_id) references answer_box (tenant_id, round_id) on update cascade on delete cascade"
)
IN_THIS_TENANT = (
    "tenant_id = (select nullif(current_setting('app.tenant_id', true), ''))"
    " and org_id = (select nullif(current_setting('app.org_id', true), ''))"
)
WORK_TABLES = (
    "round",
    "respondent",
    "answer_box",
    "offered_text",
    "closing",
    "item_range",
    "agreement",
    "practice_level",
    "signed_result",
    "sharing_proposal",
    "sharing_grant",
    "progress_visibility",
)
WRITTEN_BY_THE_COUNT = ("closing", "item_range")
TABLES = ("question_set", *WORK_TABLES, "answer", "shared_view", "shared_view_reading")


def upgrade() -> None:
    """Make every table with its policies."""
    create_mechanisms(op)
    _create_rounds()
    _create_answers()
    _create_ranges()
    _create_agreements()
    _create_sharing()
    _protect()
    _let_the_range_reader_count()


def downgrade() -> None:
    """Remove every table of this service."""
    for table in reversed(TABLES):
        op.execute(f"drop table {table} cascade")
    drop_mechanisms(op)


def _create_rounds() -> None:
    op.execute(
        "create table question_set (id text primary key, version text not null, audience text not null,"
        " title text not null, illustrative boolean not null, content jsonb not null, sha256 text not null,"
        " published_at timestamptz not null, retired_on date)"
    )
    op.execute(
        f"create table round ({OWNED}, id uuid not null, question_set_id text not null references question_set (id),"
        " kind text not null, name text not null, note text not null, state text not null, version integer not null,"
        " closes_on date not null, discussion_on date, created_by text not null,"
        " created_at timestamptz not null, opened_at timestamptz, closed_at timestamptz, agreed_at timestamptz,"
        " signed_off_at timestamptz, reopen_reason text, abandon_reason text, sent_back_note text, sent_back_by text,"
        " primary key (tenant_id, id), constraint round_state_is_known"
        " check (state in ('draft', 'open', 'closed', 'agreed', 'signed_off', 'abandoned')))"
    )
    op.execute(
        "create unique index round_one_in_progress on round (tenant_id, org_id, kind)"
        " where state in ('open', 'closed', 'agreed')"
    )
    op.execute("create index round_by_organisation on round (tenant_id, org_id, created_at)")
    op.execute(
        f"create table respondent ({OWNED}, round_id uuid not null, person_id text not null, executive boolean,"
        " finished boolean not null, removed boolean not null, invited_at timestamptz not null,"
        f" primary key (tenant_id, round_id, person_id), {OF_A_ROUND})"
    )


def _create_answers() -> None:
    op.execute(
        f"create table answer_box ({OWNED}, round_id uuid not null, primary key (tenant_id, round_id), {OF_A_ROUND})"
    )
    op.execute(
        f"create table answer ({OWNED}, round_id uuid not null, person_id text not null, item_id text not null,"
        " level smallint, cannot_judge boolean not null, why text not null, evidence text not null,"
        " offered boolean not null, offered_text_id uuid, version integer not null, saved_at timestamptz not null,"
        " saved_in integer not null, counted_level smallint, counted_cannot_judge boolean not null,"
        f" primary key (tenant_id, round_id, person_id, item_id), {IN_THE_BOX},"
        " constraint answer_level_is_one_of_five check (level between 1 and 5),"
        " constraint answer_says_one_thing check ((level is null) = cannot_judge))"
    )
    op.execute(
        f"create table offered_text ({OWNED}, id uuid not null, round_id uuid not null, item_id text not null,"
        f" why text not null, evidence text not null, primary key (tenant_id, id), {IN_THE_BOX})"
    )
    op.execute("create index offered_text_by_round on offered_text (tenant_id, round_id)")


def _create_ranges() -> None:
    op.execute(
        f"create table closing ({OWNED}, round_id uuid not null, number integer not null, people text[] not null,"
        " executives text[] not null, non_executives text[] not null,"
        f" primary key (tenant_id, round_id, number), {OF_A_ROUND})"
    )
    op.execute(
        f"create table item_range ({OWNED}, round_id uuid not null, item_id text not null, seen_in integer not null,"
        " shown boolean not null, level_counts integer[], cannot_judge integer, executive_counts integer[],"
        " non_executive_counts integer[], late_answers boolean not null,"
        f" primary key (tenant_id, round_id, item_id), {OF_A_ROUND},"
        " constraint item_range_from_five_people check (case when shown then (level_counts[1] + level_counts[2]"
        " + level_counts[3] + level_counts[4] + level_counts[5]) >= 5 else level_counts is null end))"
    )


def _create_agreements() -> None:
    op.execute(
        f"create table agreement ({OWNED}, round_id uuid not null, item_id text not null, level smallint not null,"
        " reason text not null, evidence text not null, differed text not null, aim_level smallint,"
        " recorded_by text not null, recorded_at timestamptz not null, version integer not null,"
        f" primary key (tenant_id, round_id, item_id), {OF_A_ROUND},"
        " constraint agreement_level_is_one_of_five check (level between 1 and 5),"
        " constraint agreement_aim_is_not_below_level check (aim_level between level and 5))"
    )
    op.execute(
        f"create table practice_level ({OWNED}, round_id uuid not null, practice_id text not null,"
        " level smallint not null, recorded_by text not null, recorded_at timestamptz not null,"
        f" version integer not null, primary key (tenant_id, round_id, practice_id), {OF_A_ROUND},"
        " constraint practice_level_is_one_of_five check (level between 1 and 5))"
    )
    op.execute(
        f"create table signed_result ({OWNED}, round_id uuid not null, revision integer not null,"
        " content text not null, sha256 text not null, signed_by text not null, signed_as text not null,"
        " signed_at timestamptz not null, meeting_on date not null, minute text not null,"
        f" primary key (tenant_id, round_id, revision), {OF_A_ROUND})"
    )


def _create_sharing() -> None:
    op.execute(
        f"create table sharing_proposal ({OWNED}, round_id uuid not null, share_summary boolean not null,"
        " share_priorities boolean not null, count_us boolean not null, proposed_by text not null,"
        f" proposed_at timestamptz not null, primary key (tenant_id, round_id), {OF_A_ROUND})"
    )
    op.execute(
        f"create table sharing_grant ({OWNED}, id uuid not null, round_id uuid not null, what text not null,"
        " shared_with text not null, granted_by text not null, granted_at timestamptz not null, stopped_by text,"
        f" stopped_at timestamptz, primary key (tenant_id, id), {OF_A_ROUND})"
    )
    op.execute(
        "create unique index sharing_grant_one_running on sharing_grant (tenant_id, round_id, what)"
        " where stopped_at is null"
    )
    op.execute(
        f"create table shared_view ({OWNED}, id uuid not null, round_id uuid not null, audience_tenant text not null,"
        " audience_kind text not null, how_much text not null, content jsonb not null, shared_at timestamptz not null,"
        " valid_until date, primary key (tenant_id, id))"
    )
    op.execute(
        f"create table shared_view_reading ({OWNED}, shared_view_id uuid not null, audience_tenant text not null,"
        " person_id text not null, first_read_at timestamptz not null, last_read_at timestamptz not null,"
        " primary key (tenant_id, shared_view_id, person_id))"
    )
    op.execute(
        f"create table progress_visibility ({OWNED}, visible boolean not null, changed_by text not null,"
        " changed_at timestamptz not null, primary key (tenant_id, org_id))"
    )


def _protect() -> None:
    protect(op, "question_set", Kind.GLOBAL)
    protect(op, "answer", Kind.PERSONAL)
    protect(op, "shared_view", Kind.AUDIENCE)
    protect(op, "shared_view_reading", Kind.SEEN_BY)
    for table in WORK_TABLES:
        protect(op, table, Kind.WORK)
    for table in WRITTEN_BY_THE_COUNT:
        op.execute(f"revoke insert, update, delete on {table} from app_assessment")
    # A signed result is frozen: nobody changes or removes it; a correction is a new revision.
    op.execute("revoke update, delete on signed_result from app_assessment")


def _let_the_range_reader_count() -> None:
    """The role that owns the counting function sees levels, never a word anybody wrote; nobody can sign in as it."""
    grants = {
        "round": "tenant_id, org_id, id, state",
        "respondent": "tenant_id, org_id, round_id, person_id, executive, removed",
        "answer": "tenant_id, org_id, round_id, person_id, item_id, level, cannot_judge, saved_in, counted_level,"
        " counted_cannot_judge",
    }
    for table, columns in grants.items():
        op.execute(f"grant select ({columns}) on {table} to range_reader")
        op.execute(f"create policy {table}_counted on {table} for select to range_reader using ({IN_THIS_TENANT})")
    for table in WRITTEN_BY_THE_COUNT:
        op.execute(f"grant select, insert, update on {table} to range_reader")
        op.execute(f"create policy {table}_counted on {table} for select to range_reader using ({IN_THIS_TENANT})")
        op.execute(f"create policy {table}_added on {table} for insert to range_reader with check ({IN_THIS_TENANT})")
        op.execute(
            f"create policy {table}_renewed on {table} for update to range_reader"
            f" using ({IN_THIS_TENANT}) with check ({IN_THIS_TENANT})"
        )
