"""Messages and preferences are deleted by our own processes alone, once they were kept long enough."""

from alembic import op

from services.notification import policies
from shared.tenancy import Kind

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

TABLES = ("message", "preference")


def upgrade() -> None:
    """Let nobody else delete."""
    for table in TABLES:
        op.execute(f"alter policy {table}_delete on {table} using ({policies.DELETED_BY})")


def downgrade() -> None:
    """Let people delete their own, as before."""
    for table in TABLES:
        op.execute(f"alter policy {table}_delete on {table} using ({Kind.ADDRESSED.value.delete})")
