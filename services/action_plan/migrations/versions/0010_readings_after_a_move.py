"""Who looked at what was shared stays to be read by its owner after a move to another ICB."""

from alembic import op

from shared.tenancy import OWN_WORK, SCOPE, Kind, setting

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

BEFORE = f"({OWN_WORK}) or (audience_tenant = {setting('tenant_id')} and {SCOPE} = 'tenant')"


def upgrade() -> None:
    """Let the owner read under the tenants that it has left; a database made today reads so already."""
    op.execute(f"alter policy shared_view_reading_select on shared_view_reading using ({Kind.SEEN_BY.value.select})")


def downgrade() -> None:
    """Under the tenant of today alone, as before."""
    op.execute(f"alter policy shared_view_reading_select on shared_view_reading using ({BEFORE})")
