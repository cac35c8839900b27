"""What the lead decides about the discussion, items to come back to, and what ranges were compared with."""

from alembic import op

from shared.tenancy import Kind, protect

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add columns with a default, so that code that does not know them goes on working, and one table."""
    op.execute(
        "alter table round add column compares_sides boolean not null default false,"
        " add column ranges_held_back boolean not null default false"
    )
    op.execute("grant select (compares_sides) on round to range_reader")
    op.execute(
        "alter table item_range add column looked_at_in integer[] not null default '{}',"
        " add column sides_weighed_in integer[] not null default '{}'"
    )
    op.execute("update item_range set looked_at_in = array[seen_in] where seen_in > 0")
    op.execute("update item_range set sides_weighed_in = array[seen_in] where executive_counts is not null")
    op.execute(
        "create table parked_item (tenant_id text not null, org_id text not null, round_id uuid not null,"
        " item_id text not null, parked_by text not null, parked_at timestamptz not null,"
        " primary key (tenant_id, round_id, item_id),"
        " foreign key (tenant_id, round_id) references round (tenant_id, id) on update cascade)"
    )
    protect(op, "parked_item", Kind.WORK)


def downgrade() -> None:
    """Remove it."""
    op.execute("drop table parked_item")
    op.execute("alter table item_range drop column looked_at_in, drop column sides_weighed_in")
    op.execute("alter table round drop column compares_sides, drop column ranges_held_back")
