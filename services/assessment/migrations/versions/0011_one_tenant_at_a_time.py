"""An organisation belongs to one tenant at a time: what was opened beside a move's own tenancy is removed."""

from alembic import op

from shared.mechanism_changes import end_doubled_tenancies

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Remove the doubled tenancies."""
    end_doubled_tenancies(op)


def downgrade() -> None:
    """Keep it so: what was removed said nothing that the rest does not say."""
