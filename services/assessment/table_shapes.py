"""What the tables of this service have in common: their metadata, their owner's columns, the reference to a round."""

from sqlalchemy import Column, DateTime, ForeignKeyConstraint, MetaData, Table, Text
from sqlalchemy.sql.schema import SchemaItem

from shared import column_tags as tag

metadata = MetaData()
Instant = DateTime(timezone=True)


def tenant_table(name: str, *parts: SchemaItem) -> Table:
    """A table whose rows belong to an organisation in its tenant."""
    return Table(
        name,
        metadata,
        Column("tenant_id", Text, nullable=False, info=tag.INTERNAL),
        Column("org_id", Text, nullable=False, info=tag.INTERNAL),
        *parts,
    )


def of_a_round(name: str = "round") -> ForeignKeyConstraint:
    """A reference to the round that follows it when its organisation moves to another tenant."""
    return ForeignKeyConstraint(["tenant_id", "round_id"], [f"{name}.tenant_id", f"{name}.id"], onupdate="CASCADE")
