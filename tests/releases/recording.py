"""What is kept of each release, so that today's code can be held to it in a clone without tags.

A release is a folder beside this file: `events.jsonl` (records as they were on the topics), `read_model.json` (what
insight made of them), `event_schemas.json` (what consumers of that release hold an event to), `schema.json` (tables
and columns that its code reads and writes) and `revisions.json` (the newest migration of each service). Written once by
`python -m tests.releases VERSION`, never edited.
"""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import orjson
import psycopg
from psycopg.rows import dict_row

from services.insight.models import READ_MODEL
from shared.catalogue import CONTRACTS
from shared.kafka import Record

RELEASES = Path(__file__).parent
COLUMNS = """
    select table_name, column_name, data_type, is_nullable = 'YES' as nullable,
        column_default is not null or is_identity = 'YES' as filled
    from information_schema.columns where table_schema = %s and table_name <> 'alembic_version' order by 1, 2
"""
Schema = dict[str, dict[str, dict[str, Any]]]


def releases() -> list[Path]:
    """Return the folders of all recorded releases, oldest first."""
    return sorted(path for path in RELEASES.iterdir() if (path / "schema.json").is_file())


def schema_of(dsn: str, service: str) -> Schema:
    """Return tables and columns of one service's schema as they are now."""
    found: Schema = {}
    with psycopg.connect(dsn, row_factory=dict_row) as connection:
        for row in connection.execute(COLUMNS, [service]):
            column = {"type": row["data_type"], "nullable": row["nullable"], "filled": row["filled"]}
            found.setdefault(row["table_name"], {})[row["column_name"]] = column
    return found


def broken_for(earlier: Schema, now: Schema) -> list[str]:
    """Return where code of an earlier release would fail on today's schema; empty while changes only expand it."""
    wrong: list[str] = []
    for table, columns in earlier.items():
        today = now.get(table, {})
        for name, column in columns.items():
            wrong += [f"{table}.{name}: {fault}" for fault in _column_faults(column, today.get(name))]
        wrong += [
            f"{table}.{name}: new, and rows of earlier code leave it empty"
            for name, column in today.items()
            if name not in columns and not column["nullable"] and not column["filled"]
        ]
    return wrong


def _column_faults(earlier: Mapping[str, Any], now: Mapping[str, Any] | None) -> Iterable[str]:
    if now is None:
        yield "gone, and earlier code reads it"
        return
    if now["type"] != earlier["type"]:
        yield f"{earlier['type']} became {now['type']}"
    if earlier["nullable"] and not now["nullable"]:
        yield "may no longer be empty"


def event_schemas() -> dict[str, Any]:
    """Return the schema of every event type as it is now."""
    files = sorted((CONTRACTS / "events").glob("*.schema.json"))
    return {file.name.removesuffix(".schema.json"): orjson.loads(file.read_bytes()) for file in files}


def as_lines(records: Iterable[Record]) -> str:
    """Return records as one JSON object a line."""
    return "".join(
        json.dumps(
            {
                "topic": record.topic,
                "key": (record.key or b"").decode(),
                "headers": {name: value.decode() for name, value in record.headers},
                "data": orjson.loads(record.value or b"null"),
            },
            sort_keys=True,
        )
        + "\n"
        for record in records
    )


def as_records(lines: str, **more: Any) -> list[Record]:
    """Return the records of a golden log; `more` is added to the data of each, as a later producer would."""
    found = []
    for number, line in enumerate(lines.splitlines()):
        told = json.loads(line)
        headers = tuple((name, value.encode()) for name, value in told["headers"].items())
        value = orjson.dumps(told["data"] | more)
        found.append(Record(told["topic"], 0, number, told["key"].encode(), value, headers))
    return found


def read_model_of(dsn: str, like: Mapping[str, list[dict[str, Any]]] | None = None) -> dict[str, list[dict[str, Any]]]:
    """Return every row of insight's read model as text; `like` names the columns that count (all by default)."""
    found: dict[str, list[dict[str, Any]]] = {}
    with psycopg.connect(dsn, row_factory=dict_row) as connection:
        for table in READ_MODEL:
            known = next(iter((like or {}).get(table.name, [])), {column.name: None for column in table.c})
            names = ", ".join(f"{name}::text" for name in sorted(known))
            rows = connection.execute(f"select {names} from insight.{table.name}".encode()).fetchall()
            found[table.name] = sorted((dict(row) for row in rows), key=lambda row: json.dumps(row, sort_keys=True))
    return found
