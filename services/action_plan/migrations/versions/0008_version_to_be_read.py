"""How far the schema is migrated: its processes read it, so as to begin nothing on one that is behind."""

from alembic import op

from shared.mechanism_changes import hide_the_version, let_processes_read_the_version

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Let it be read."""
    let_processes_read_the_version(op)


def downgrade() -> None:
    """Keep it to the owner, as before."""
    hide_the_version(op)
