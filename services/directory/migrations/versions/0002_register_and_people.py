"""The register, people, appointments, invitations and imports."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from services.directory import policies
from shared.tenancy import Kind, protect

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

RULES = {
    "organisation": Kind.PUBLIC_GLOBAL,
    "organisation_name": Kind.PUBLIC_GLOBAL,
    "tenancy": Kind.PUBLIC_GLOBAL,
    "succession": Kind.PUBLIC_GLOBAL,
    "register_import": policies.REGISTER_IMPORT,
    "appointment": policies.APPOINTMENT_AT_FIRST,
    "person": policies.PERSON_AT_FIRST,
    "invitation": policies.INVITATION,
    "external_identity": policies.EXTERNAL_IDENTITY,
}


def upgrade() -> None:
    """Make the directory's tables, each with its policies."""
    make_organisation()
    make_organisation_name()
    make_tenancy()
    make_succession()
    make_register_import()
    make_person()
    make_appointment()
    make_invitation()
    make_external_identity()
    for table, rules in RULES.items():
        protect(op, table, rules)


def make_organisation() -> None:
    """The register's entries."""
    op.create_table(
        "organisation",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("region", sa.Text()),
        sa.Column("sector", sa.Text()),
        sa.Column("fictional", sa.Boolean(), nullable=False),
        sa.Column("open_from", sa.Date()),
        sa.Column("open_until", sa.Date()),
        sa.Column("source", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["region"],
            ["organisation.code"],
        ),
        sa.PrimaryKeyConstraint("code"),
    )
    op.create_index("organisation_by_kind", "organisation", ["kind", "code"])


def make_organisation_name() -> None:
    """Names with their days."""
    op.create_table(
        "organisation_name",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_until", sa.Date()),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["code"],
            ["organisation.code"],
        ),
        sa.PrimaryKeyConstraint("code", "valid_from"),
    )


def make_tenancy() -> None:
    """Which tenant an organisation belongs to, with days."""
    op.create_table(
        "tenancy",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_until", sa.Date()),
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text()),
        sa.ForeignKeyConstraint(
            ["code"],
            ["organisation.code"],
        ),
        sa.ForeignKeyConstraint(
            ["tenant"],
            ["organisation.code"],
        ),
        sa.PrimaryKeyConstraint("code", "valid_from"),
    )
    op.create_index("tenancy_current", "tenancy", ["tenant", "code"], postgresql_where=sa.text("valid_until is null"))
    op.create_index(
        "tenancy_one_at_a_time", "tenancy", ["code"], unique=True, postgresql_where=sa.text("valid_until is null")
    )


def make_succession() -> None:
    """Who took over from whom."""
    op.create_table(
        "succession",
        sa.Column("predecessor", sa.Text(), nullable=False),
        sa.Column("successor", sa.Text(), nullable=False),
        sa.Column("effective_on", sa.Date(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["predecessor"],
            ["organisation.code"],
        ),
        sa.ForeignKeyConstraint(
            ["successor"],
            ["organisation.code"],
        ),
        sa.PrimaryKeyConstraint("predecessor", "successor"),
    )
    op.create_index("succession_by_successor", "succession", ["successor"])


def make_register_import() -> None:
    """Dry runs of register files."""
    op.create_table(
        "register_import",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("row_count", sa.Integer(), nullable=False),
        sa.Column("rows", JSONB(), nullable=False),
        sa.Column("report", JSONB(), nullable=False),
        sa.Column("uploaded_by", sa.Text(), nullable=False),
        sa.Column("uploaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("applied_by", sa.Text()),
        sa.Column("applied_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("id"),
    )


def make_person() -> None:
    """People; they belong to no tenant."""
    op.create_table(
        "person",
        sa.Column("person_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("person_id"),
    )
    op.create_index("person_by_email", "person", [sa.literal_column("lower(email)")], unique=True)


def make_appointment() -> None:
    """One role of one person in one organisation."""
    op.create_table(
        "appointment",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("org_id", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("valid_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("valid_until", sa.DateTime(timezone=True)),
        sa.Column("appointed_by", sa.Text()),
        sa.Column("ended_at", sa.DateTime(timezone=True)),
        sa.Column("ended_by", sa.Text()),
        sa.Column("end_reason", sa.Text()),
        sa.ForeignKeyConstraint(
            ["org_id"],
            ["organisation.code"],
        ),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.person_id"],
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id"),
    )
    op.create_index("appointment_by_organisation", "appointment", ["tenant_id", "org_id", "role"])
    op.create_index("appointment_by_person", "appointment", ["person_id"])
    op.create_index(
        "appointment_held_once",
        "appointment",
        ["tenant_id", "org_id", "person_id", "role"],
        unique=True,
        postgresql_where=sa.text("ended_at is null"),
    )


def make_invitation() -> None:
    """Invitations, with the fingerprint of the newest link."""
    op.create_table(
        "invitation",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("org_id", sa.Text(), nullable=False),
        sa.Column("for_org", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("valid_until", sa.DateTime(timezone=True)),
        sa.Column("invited_by", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("secret_hash", sa.Text()),
        sa.Column("accepted_at", sa.DateTime(timezone=True)),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True)),
        sa.Column("person_id", sa.Text()),
        sa.ForeignKeyConstraint(
            ["for_org"],
            ["organisation.code"],
        ),
        sa.ForeignKeyConstraint(
            ["org_id"],
            ["organisation.code"],
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id"),
    )
    op.create_index("invitation_by_organisation", "invitation", ["tenant_id", "org_id", "created_at"])
    op.create_index(
        "invitation_by_secret",
        "invitation",
        ["secret_hash"],
        unique=True,
        postgresql_where=sa.text("secret_hash is not null"),
    )
    op.create_index("invitation_by_target", "invitation", ["for_org"])


def make_external_identity() -> None:
    """Whose account is whose, by issuer and subject."""
    op.create_table(
        "external_identity",
        sa.Column("issuer", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Text(), nullable=False),
        sa.Column("linked_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.person_id"],
        ),
        sa.PrimaryKeyConstraint("issuer", "subject"),
        sa.UniqueConstraint("issuer", "person_id"),
    )


def downgrade() -> None:
    """Remove everything: nobody is known any more."""
    op.execute("drop policy person_select on person")  # it reads appointment
    op.drop_table("external_identity")
    op.drop_table("invitation")
    op.drop_table("appointment")
    op.drop_table("person")
    op.drop_table("register_import")
    op.drop_table("succession")
    op.drop_table("tenancy")
    op.drop_table("organisation_name")
    op.drop_table("organisation")
