"""Self-assessments done elsewhere before, imported as marked history."""

from alembic import op

from shared.tenancy import Kind, protect

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table; code that does not know it is not concerned."""
    op.execute(
        "create table earlier_result (tenant_id text not null, org_id text not null, id uuid not null,"
        " kind text not null, name text not null, question_set_id text not null references question_set (id),"
        " agreed_on date not null, content text not null, sha256 text not null, imported_by text not null,"
        " imported_at timestamptz not null, confirmed_at timestamptz, primary key (tenant_id, id))"
    )
    op.execute("create index earlier_result_by_organisation on earlier_result (tenant_id, org_id, agreed_on)")
    protect(op, "earlier_result", Kind.WORK)


def downgrade() -> None:
    """Remove it."""
    op.execute("drop table earlier_result")
