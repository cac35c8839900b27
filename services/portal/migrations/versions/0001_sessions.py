"""Sessions, tokens and rescued form text."""

from alembic import op

from services.portal.models import metadata
from shared.tenancy import Kind, protect

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make the portal's own tables; only our own process sees a row of them."""
    metadata.create_all(op.get_bind(), checkfirst=False)
    for table in metadata.sorted_tables:
        protect(op, table.name, Kind.SERVICE)


def downgrade() -> None:
    """Remove them: everybody is signed out."""
    metadata.drop_all(op.get_bind(), checkfirst=False)
