"""Sharing ends with the plan: what is still shown of plans that were closed before is stopped by the scheduler.

Each becomes a piece of due work, so that the ICB, the organisation and the read model are told as of any other.
"""

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

READ = ("plan", "sharing_grant")
LEFT = (
    "insert into due_work (id, tenant_id, org_id, kind, object_id, due_at, data)"
    " select gen_random_uuid(), p.tenant_id, p.org_id, 'plan.closed-while-shared', p.id::text, now(), '{}'"
    " from plan p join sharing_grant g on g.tenant_id = p.tenant_id and g.plan_id = p.id"
    " where p.state = 'closed' and g.stopped_at is null and g.shared_with = p.tenant_id"
    " on conflict do nothing"
)


def upgrade() -> None:
    """Ask for the work; the owner, whom no policy admits, sees and adds rows only while row security is not forced."""
    for table in (*READ, "due_work"):
        op.execute(f"alter table {table} no force row level security")
    op.execute(LEFT)
    for table in (*READ, "due_work"):
        op.execute(f"alter table {table} force row level security")


def downgrade() -> None:
    """What was asked for may be done: code of before does the same when a chair stops sharing."""
