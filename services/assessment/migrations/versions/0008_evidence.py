"""Evidence: files and links attached to an item of a round, used again next time."""

from alembic import op

from shared.tenancy import Kind, protect

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

OWNED = "tenant_id text not null, org_id text not null, id uuid not null"


def upgrade() -> None:
    """Make the two tables with their policies."""
    op.execute(
        f"create table stored_file ({OWNED}, key text not null, name text not null, media_type text not null,"
        " size integer not null, sha256 text not null, state text not null, refused_because text,"
        " uploaded_by text not null, uploaded_at timestamptz not null, checked_at timestamptz,"
        " primary key (tenant_id, id), constraint stored_file_state_is_known"
        " check (state in ('arriving', 'checking', 'ready', 'refused')))"
    )
    op.execute(
        f"create table evidence ({OWNED}, round_id uuid not null, item_id text not null, title text not null,"
        " link text, file_id uuid, earlier_id uuid, answer text, added_by text not null,"
        " added_at timestamptz not null, primary key (tenant_id, id),"
        " foreign key (tenant_id, round_id) references round (tenant_id, id) on update cascade,"
        " foreign key (tenant_id, file_id) references stored_file (tenant_id, id) on update cascade"
        "   deferrable initially deferred,"
        " constraint evidence_is_a_file_or_a_link check ((link is null) <> (file_id is null)),"
        " constraint evidence_answer_is_known check (answer in ('keep', 'replace', 'drop')),"
        " constraint evidence_answers_for_something check ((earlier_id is null) = (answer is null)))"
    )
    op.execute("create index evidence_by_round on evidence (tenant_id, round_id, item_id)")
    op.execute("create index evidence_by_file on evidence (tenant_id, file_id)")
    op.execute("create unique index evidence_answers_once on evidence (tenant_id, round_id, earlier_id)")
    for table in ("stored_file", "evidence"):
        protect(op, table, Kind.WORK)


def downgrade() -> None:
    """Remove them."""
    op.execute("drop table evidence, stored_file")
