"""Puts a canary into every column that may hold somebody's words, or says why it cannot carry one.

What the story of a scene did not write itself is written over in the database. The list of columns comes from the
models and their tags, so a new one is found by itself: it gets a canary, or a test turns red.
"""

import re
from collections.abc import Iterator
from typing import Any

import psycopg
from psycopg import sql
from sqlalchemy import Column, Table, Text
from sqlalchemy.dialects.postgresql import JSONB

from shared import mechanism
from shared.column_tags import Tag
from tests.security.canaries.recording import MARK, Scene
from tests.security.rows.planting import tables_of

SOMEBODYS = {Tag.PERSONAL, Tag.PRIVATE, Tag.FREE_TEXT}
CANARY = re.compile(rf"{MARK}-(trust|author|sister)[\w.-]*")
CANNOT_CARRY = {
    "answer.item_id": "names an item of the question set",
    "reflection_answer.frequency": "one of five words",
    "shared_reflection.summary": "words and counts of the framework, no text of a person",
    "idempotency_key.answer": "an answer kept for the person who asked; asked for again by that person alone",
    "external_identity.issuer": "belongs to no tenant; the row matrix guards it",
    "external_identity.subject": "belongs to no tenant; the row matrix guards it",
    "external_identity.shown_name": "belongs to no tenant; the row matrix guards it",
    "question_set_draft.file_name": "written by the national team for everybody",
    "question_set_draft.note": "written by the national team for everybody",
    "invitation.secret_hash": "a hash; no answer, event or mail has a place for it",
    "address_change.secret_hash": "a hash; no answer, event or mail has a place for it",
    "contribution.levels": "numbers",
    "snapshot.members": "belongs to no tenant; the row matrix guards it",
    "tenancy.reason": "part of the public register",
    "figure_set.revision_note": "written by the national team to be published",
}
PERSON_IDS = re.compile(r"(?:^|_)(?:by|person_id|owner_id|reader_id)$")
"""Columns that hold a person's id, which is looked for as it is."""


def words(whose: str = "trust", what: str = "words") -> str:
    """Return a text that says whose it is."""
    return f"{MARK}-{whose}-{what}"


def somebodys_columns(service: str) -> Iterator[tuple[Table, Column[Any]]]:
    """Yield the columns that may hold somebody's words."""
    for table in (*tables_of(service), mechanism.idempotency_key):
        for column in table.columns:
            if column.info.get("tag") in SOMEBODYS and isinstance(column.type, Text | JSONB):
                yield table, column


def write_over(scene: Scene) -> list[str]:
    """Put a canary into every column that has none yet; return the columns in which none could be put."""
    without = []
    with psycopg.connect(scene.service.superuser_url) as connection:
        connection.execute(sql.SQL("set search_path to {}").format(sql.Identifier(scene.service.name)))
        for table, column in somebodys_columns(scene.service.name):
            place = f"{table.name}.{column.name}"
            if place in CANNOT_CARRY or PERSON_IDS.search(column.name):
                continue
            if not _carries(connection, scene, table, column) and not _write(connection, scene, table, column):
                without.append(place)
    return without


def _of_scene(scene: Scene, table: Table) -> sql.Composed:
    if "org_id" in table.columns:
        return sql.SQL("org_id = {}").format(sql.Literal(scene.org))
    if "person_id" in table.columns:
        return sql.SQL("person_id = {}").format(sql.Literal(scene.author.person_id))
    return sql.SQL("false").format()


def _carries(connection: psycopg.Connection[Any], scene: Scene, table: Table, column: Column[Any]) -> bool:
    query = sql.SQL("select count(*) from {} where {} and {}::text like {}").format(
        sql.Identifier(table.name), _of_scene(scene, table), sql.Identifier(column.name), sql.Literal(f"%{MARK}-%")
    )
    found = connection.execute(query).fetchone()
    return bool(found and found[0])


def _write(connection: psycopg.Connection[Any], scene: Scene, table: Table, column: Column[Any]) -> bool:
    if isinstance(column.type, JSONB):
        return False
    whose = "author" if column.info["tag"] is Tag.PRIVATE else "trust"
    statement = sql.SQL("update {} set {} = {} where {}").format(
        sql.Identifier(table.name),
        sql.Identifier(column.name),
        sql.Literal(words(whose, f"{table.name}.{column.name}")),
        _of_scene(scene, table),
    )
    return connection.execute(statement).rowcount > 0


def ids_of(scene: Scene) -> set[str]:
    """Return every id and code that only the trust's own rows carry: what a stranger could try, and must not read."""
    found = {scene.org}
    with psycopg.connect(scene.service.superuser_url) as connection:
        connection.execute(sql.SQL("set search_path to {}").format(sql.Identifier(scene.service.name)))
        for table in tables_of(scene.service.name):
            if "org_id" in table.columns and "id" in table.columns:
                query = sql.SQL("select id::text from {} where org_id = {}")
                rows = connection.execute(query.format(sql.Identifier(table.name), sql.Literal(scene.org)))
                found |= {value for (value,) in rows}
    return found


def people_of(scene: Scene) -> set[str]:
    """Return the ids of the trust's people."""
    return {person.person_id for person in scene.people()}


def rows_of(scene: Scene) -> dict[str, list[str]]:
    """Return the trust's own rows, each as text, by table."""
    found = {}
    with psycopg.connect(scene.service.superuser_url) as connection:
        connection.execute(sql.SQL("set search_path to {}").format(sql.Identifier(scene.service.name)))
        for table in tables_of(scene.service.name):
            name = sql.Identifier(table.name)
            query = sql.SQL("select ({0})::text from {0} where {1} order by 1").format(name, _of_scene(scene, table))
            found[table.name] = [row for (row,) in connection.execute(query)]
    return found
