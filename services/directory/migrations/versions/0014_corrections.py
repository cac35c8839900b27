"""A person's address may change: the new one waits for its link, the old one for one mail."""

import sqlalchemy as sa
from alembic import op

from services.directory import policies
from shared.tenancy import protect

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Make both tables, and remember when a person asked."""
    op.add_column("person", sa.Column("address_asked_at", sa.ARRAY(INSTANT), nullable=False, server_default="{}"))
    op.create_table(
        "address_change",
        sa.Column("person_id", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("secret_hash", sa.Text()),
        sa.Column("asked_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.person_id"]),
        sa.PrimaryKeyConstraint("person_id"),
    )
    op.create_table(
        "former_address",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("changed_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.person_id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("former_address_by_person", "former_address", ["person_id"])
    protect(op, "address_change", policies.ADDRESS_CHANGE)
    protect(op, "former_address", policies.FORMER_ADDRESS)


def downgrade() -> None:
    """Forget who asked; whoever was not told by then is not told."""
    op.drop_table("former_address")
    op.drop_table("address_change")
    op.drop_column("person", "address_asked_at")
