"""Mails to an address are counted over its invitations; an invitation goes once it has been kept long enough."""

import sqlalchemy as sa
from alembic import op

from services.directory import policies

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Remember when mails went out, and let our own processes delete invitations."""
    schema = op.get_bind().exec_driver_sql("select current_schema()").scalar_one()
    sendings = sa.ARRAY(sa.DateTime(timezone=True))
    op.add_column("invitation", sa.Column("sendings", sendings, nullable=False, server_default="{}"))
    using = policies.INVITATION_DELETED_BY
    op.execute(f"create policy invitation_delete on invitation for delete to app_{schema} using ({using})")
    op.execute(f"grant delete on invitation to app_{schema}")


def downgrade() -> None:
    """Keep invitations for good, and count no mails, as before."""
    schema = op.get_bind().exec_driver_sql("select current_schema()").scalar_one()
    op.execute("drop policy invitation_delete on invitation")
    op.execute(f"revoke delete on invitation from app_{schema}")
    op.drop_column("invitation", "sendings")
