"""A name is corrected, and a mail to set up the sign-in sent again, only so often in a day."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

MOMENTS = ("name_corrected_at", "setup_mail_asked_at")


def upgrade() -> None:
    """Remember when; the release before knows nothing of it, and writes people as ever."""
    for name in MOMENTS:
        moments = sa.ARRAY(sa.DateTime(timezone=True))
        op.add_column("person", sa.Column(name, moments, nullable=False, server_default="{}"))


def downgrade() -> None:
    """Forget it."""
    for name in MOMENTS:
        op.drop_column("person", name)
