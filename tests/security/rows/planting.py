"""One row in every table, made from the model: a new table or column is planted without anybody remembering it."""

import importlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import psycopg
from psycopg import sql
from psycopg.types.json import Jsonb
from sqlalchemy import ARRAY, Boolean, Column, Date, DateTime, Integer, LargeBinary, MetaData, Table, Text, Uuid
from sqlalchemy.dialects.postgresql import JSONB

from shared import mechanism
from shared.principal import NATIONAL_TENANT
from tests.security.rows.principals import AUDIENCE, INVITED_ORG, ORG, PERSON, READER, SECRET, TENANT

WITHOUT_MECHANISM = {"portal"}
"""The portal publishes and hears no events."""
WHOSE = {
    "tenant_id": TENANT,
    "org_id": ORG,
    "person_id": PERSON,
    "audience_tenant": AUDIENCE,
    "reader_id": READER,
    "for_org": INVITED_ORG,
    "secret_hash": SECRET,
}
BY_TYPE: tuple[tuple[type, Any], ...] = (
    (JSONB, Jsonb({})),
    (ARRAY, []),
    (Uuid, UUID(int=7)),
    (DateTime, datetime(2026, 5, 4, 12, tzinfo=UTC)),
    (Date, date(2026, 5, 4)),
    (Boolean, False),
    (Integer, 1),
    (LargeBinary, b"canary"),
    (Text, "canary"),
)
LAWFUL: Mapping[str, Mapping[str, Any]] = {
    "round": {"state": "open"},
    "question_set_draft": {"state": "draft"},
    "plan": {"state": "drafted"},
    "item_range": {"level_counts": None, "cannot_judge": None, "executive_counts": None, "non_executive_counts": None},
    "stored_file": {"state": "ready"},
    "evidence": {"file_id": None, "earlier_id": None, "answer": None},
    "action": {"status": "on_track", "stopped_reason": ""},
    "national_cell": {"shown": "10", "value": "10"},
}
"""Values that a check constraint asks for."""
CHANGED_TO: Mapping[str, tuple[str, Any]] = {"figure_set": ("state", "prepared")}
"""What an update writes, where a policy looks at the new value; elsewhere it writes what is there already."""
WRONGLY_CHANGED_TO: Mapping[str, tuple[str, Any]] = {"figure_set": ("state", "published")}
"""A new value that somebody who may change the row may still not give it."""
VARIANTS: Mapping[str, Mapping[str, Mapping[str, Any]]] = {
    "progress_report": {"": {}, "of the relay": {"process": "relay"}},
    "audit_entry": {"": {"private": False}, "private": {"private": True}},
    "figure_set": {
        "": {"state": "prepared"},
        "published": {"state": "published"},
        "being checked": {"state": "checking"},
    },
    "appointment": {
        "": {"role": "chair"},
        "access manager": {"role": "access-manager"},
        "ICB access manager": {"role": "icb-access-manager"},
        "place convenor": {"role": "place-convenor"},
        "regional lead": {"role": "regional-lead", "tenant_id": NATIONAL_TENANT},
        "access manager of the national body": {"role": "access-manager", "tenant_id": NATIONAL_TENANT},
        "chair of the national body": {"role": "chair", "tenant_id": NATIONAL_TENANT},
    },
}
"""Rows of one table that different people may see."""


@dataclass(frozen=True, slots=True)
class Row:
    """A table and the values of the one row planted in it."""

    table: Table
    variant: str = ""
    values: dict[str, Any] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """How the matrix calls it."""
        return f"{self.table.name} ({self.variant})" if self.variant else str(self.table.name)

    def insert(self) -> sql.Composed:
        """Return the statement that inserts the row as literals."""
        names, values = self.values.keys(), self.values.values()
        return sql.SQL("insert into {} ({}) values ({})").format(
            sql.Identifier(self.table.name),
            sql.SQL(", ").join(map(sql.Identifier, names)),
            sql.SQL(", ").join(map(sql.Literal, values)),
        )


def tables_of(service: str) -> tuple[Table, ...]:
    """Return a service's own tables."""
    metadata: MetaData = importlib.import_module(f"services.{service}.models").metadata
    return tuple(metadata.sorted_tables)


def mechanism_tables() -> tuple[Table, ...]:
    """Return the tables that every service with events has."""
    return tuple(mechanism.metadata.sorted_tables)


def rows_of(tables: tuple[Table, ...]) -> Iterator[Row]:
    """Yield the rows to plant."""
    for table in tables:
        for variant, differing in VARIANTS.get(table.name, {"": {}}).items():
            values = {
                str(column.name): differing.get(column.name, _value(table.name, column))
                for column in table.columns
                if column.identity is None
            }
            yield Row(table, variant, values)


def _value(table: str, column: Column[Any]) -> Any:
    if column.name in LAWFUL.get(table, {}):
        return LAWFUL[table][column.name]
    if column.name in WHOSE:
        return WHOSE[column.name]
    return next(value for kind, value in BY_TYPE if isinstance(column.type, kind))


def empty_schema(connection: psycopg.Connection[Any], service: str) -> None:
    """Empty every table of the schema for the rest of this transaction; references are not looked at until its end."""
    tables = [*tables_of(service), *(() if service in WITHOUT_MECHANISM else mechanism_tables())]
    connection.execute(sql.SQL("set local search_path to {}").format(sql.Identifier(service)))
    connection.execute("set local session_replication_role to replica")
    names = sql.SQL(", ").join(sql.Identifier(table.name) for table in tables)
    connection.execute(sql.SQL("truncate {}").format(names))
