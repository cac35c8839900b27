"""The board's profile is of those who are on the board today: the counting role may see who that is."""

from alembic import op

from shared.tenancy import setting

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Give profile_reader sight of who holds which role in the one organisation."""
    same = f"org_id = {setting('org_id')}"
    op.execute(f"create policy membership_count on known_membership for select to profile_reader using ({same})")
    op.execute("grant select (person_id, org_id, role, valid_from, valid_to) on known_membership to profile_reader")


def downgrade() -> None:
    """Take that back."""
    op.execute("revoke select (person_id, org_id, role, valid_from, valid_to) on known_membership from profile_reader")
    op.execute("drop policy membership_count on known_membership")
