"""What this code's migrations know, and waiting for a schema: without a database, or with one that is away."""

import logging
import time
from pathlib import Path

import pytest
from alembic.script import ScriptDirectory

from infra.postgres.roles import SERVICES
from shared import schema_version
from shared.migrations import alembic_config
from shared.schema_version import Revisions, UnclearHistory, revisions_of, wait_until_migrated

NOBODY_THERE = "postgresql+psycopg://app_assessment@127.0.0.1:9/impact"


@pytest.mark.parametrize("service", SERVICES)
def test_the_text_of_the_migrations_says_what_alembic_makes_of_them(service: str) -> None:
    script = ScriptDirectory.from_config(alembic_config(service, "postgresql://"))

    known = revisions_of(service)

    assert known.head == script.get_current_head()
    assert known.earlier | {known.head} == {each.revision for each in script.walk_revisions()}


@pytest.mark.parametrize(
    ("version", "behind"), [(None, True), ("0001", True), ("0002", True), ("0003", False), ("0004", False)]
)
def test_a_schema_is_behind_at_an_earlier_version_and_at_none_and_not_at_a_newer_one(
    version: str | None, behind: bool
) -> None:
    assert Revisions("0003", frozenset({"0001", "0002"})).go_beyond(version) is behind


def test_migrations_that_end_in_two_revisions_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    versions = tmp_path / "forked" / "migrations" / "versions"
    versions.mkdir(parents=True)
    for name, before in (("0001", None), ("0002", "0001"), ("0003", "0001")):
        (versions / f"{name}.py").write_text(f"revision: str = {name!r}\ndown_revision: str | None = {before!r}\n")
    monkeypatch.setattr(schema_version, "SERVICES", tmp_path)

    with pytest.raises(UnclearHistory, match=r"\['0002', '0003'\]"):
        revisions_of("forked")


def test_a_database_that_is_away_is_waited_for_with_a_heartbeat_until_told_to_stop(
    caplog: pytest.LogCaptureFixture,
) -> None:
    beats: list[float] = []

    with caplog.at_level(logging.WARNING):
        wait_until_migrated(
            "assessment",
            NOBODY_THERE,
            stop=lambda: len(beats) == 3,
            on_turn=lambda: beats.append(time.monotonic()),
        )

    assert [record.message for record in caplog.records] == ["The database is away"] * 3
