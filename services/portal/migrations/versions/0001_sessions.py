"""Sessions, tokens and rescued form text."""

from alembic import op

from services.portal.models import FIRST_TABLES, metadata
from shared.tenancy import Kind, protect

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make the portal's own tables; only our own process sees a row of them."""
    metadata.create_all(op.get_bind(), tables=FIRST_TABLES, checkfirst=False)
    for table in FIRST_TABLES:
        protect(op, table.name, Kind.SERVICE)


def downgrade() -> None:
    """Remove them: everybody is signed out."""
    metadata.drop_all(op.get_bind(), tables=FIRST_TABLES, checkfirst=False)
