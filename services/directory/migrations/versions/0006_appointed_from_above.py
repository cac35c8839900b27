"""Whoever appoints from above sees those they appointed: convenors of places, leads of regions, the national body."""

from alembic import op

from services.directory import policies

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Widen who sees an appointment."""
    op.execute(f"alter policy appointment_select on appointment using ({policies.APPOINTMENT.select})")


def downgrade() -> None:
    """Narrow it again."""
    op.execute(f"alter policy appointment_select on appointment using ({policies.APPOINTMENT_AT_FIRST.select})")
