"""The audit trail and its seals are only added to, whoever asks; the owner of the tables is refused as well."""

from alembic import op

from shared.mechanism_changes import admit_changes_of_the_trail, refuse_changes_of_the_trail

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Refuse every change."""
    refuse_changes_of_the_trail(op)


def downgrade() -> None:
    """Leave it to the grants alone, as before."""
    admit_changes_of_the_trail(op)
