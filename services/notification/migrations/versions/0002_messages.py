"""Messages in inboxes, and which mails people do not want."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from shared.tenancy import Kind, protect

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None
Instant = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Make both tables with their policies."""
    op.create_table(
        "message",
        sa.Column("tenant_id", sa.Text, primary_key=True),
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("org_id", sa.Text, nullable=False),
        sa.Column("person_id", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("event_id", sa.Uuid, nullable=False),
        sa.Column("about", sa.Text, nullable=False),
        sa.Column("link", sa.Text, nullable=False),
        sa.Column("gaps", JSONB, nullable=False),
        sa.Column("created_at", Instant, nullable=False),
        sa.Column("read_at", Instant),
        sa.Column("mail", sa.Text, nullable=False),
        sa.Column("mail_attempts", sa.Integer, nullable=False, server_default="0"),
        sa.Column("mailed_at", Instant),
        sa.Column("provider_id", sa.Text),
        sa.Column("failure_code", sa.Text),
        sa.UniqueConstraint("tenant_id", "person_id", "org_id", "event_id", "kind", name="message_once"),
    )
    op.create_index("message_inbox", "message", ["tenant_id", "org_id", "person_id", "created_at"])
    op.create_index("message_by_provider", "message", ["tenant_id", "provider_id"])
    op.create_table(
        "preference",
        sa.Column("tenant_id", sa.Text, primary_key=True),
        sa.Column("org_id", sa.Text, primary_key=True),
        sa.Column("person_id", sa.Text, primary_key=True),
        sa.Column("kind", sa.Text, primary_key=True),
        sa.Column("mail", sa.Boolean, nullable=False),
        sa.Column("changed_at", Instant, nullable=False),
    )
    protect(op, "message", Kind.ADDRESSED)
    protect(op, "preference", Kind.ADDRESSED)


def downgrade() -> None:
    """Remove both tables."""
    op.drop_table("preference")
    op.drop_table("message")
