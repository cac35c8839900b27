"""Questions about an item of a signed result, asked of whoever runs the self-assessment."""

from alembic import op

from shared.tenancy import Kind, protect

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table; code that does not know it is not concerned."""
    op.execute(
        "create table item_question (tenant_id text not null, org_id text not null, id uuid not null,"
        " round_id uuid not null, item_id text not null, question text not null, asked_by text not null,"
        " asked_at timestamptz not null, answer text, answered_by text, answered_at timestamptz,"
        " primary key (tenant_id, id),"
        " foreign key (tenant_id, round_id) references round (tenant_id, id) on update cascade)"
    )
    op.execute("create index item_question_by_round on item_question (tenant_id, round_id, asked_at)")
    protect(op, "item_question", Kind.WORK)


def downgrade() -> None:
    """Remove it."""
    op.execute("drop table item_question")
