"""F24, F26 and F30: earlier releases side by side with today's code: their events, their schemas, their consumers."""

import json
import time
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from infra.postgres.roles import SERVICES
from services.insight.rebuild import RECORDS
from shared.catalogue import CONTRACTS
from shared.testing.service_under_test import ServiceUnderTest
from tests.releases.recording import (
    Schema,
    as_records,
    broken_for,
    event_schemas,
    read_model_of,
    releases,
    schema_of,
)
from tests.releases.replaying import replay
from tests.releases.worlds import Retelling

RELEASES = pytest.mark.parametrize("release", releases(), ids=lambda path: path.name)


def read(release: Path, name: str) -> Any:
    return json.loads((release / f"{name}.json").read_text())


def test_a_release_was_recorded() -> None:
    assert releases()


@RELEASES
def test_the_events_of_an_earlier_release_make_the_same_read_model_today(
    insight: ServiceUnderTest, release: Path
) -> None:
    wanted = read(release, "read_model")

    replay(insight, as_records((release / "events.jsonl").read_text()))

    assert sum(len(rows) for rows in wanted.values()) > 10
    assert read_model_of(insight.superuser_url, wanted) == wanted


@RELEASES
@pytest.mark.parametrize("events", [1_000, pytest.param(100_000, marks=[pytest.mark.long, pytest.mark.timeout(1800)])])
def test_many_trusts_of_an_earlier_release_make_the_same_read_model_today(
    insight: ServiceUnderTest, release: Path, events: int
) -> None:
    told, wanted = (release / "events.jsonl").read_text(), (release / "read_model.json").read_text()
    retelling, worlds = Retelling(told), range(events // told.count("\n") + 1)
    records = [record for world in worlds for record in as_records(retelling.events(world))]
    began = time.monotonic()

    replay(insight, records, at_once=RECORDS)

    print(f"{len(records)} events of release {release.name} in {time.monotonic() - began:.1f} s")
    rows = [json.loads(retelling.elsewhere(wanted, world)) for world in worlds]
    found = read_model_of(insight.superuser_url, json.loads(wanted))
    for table, rows_of_table in found.items():
        expected = [row for world in rows for row in world[table]]
        assert rows_of_table == sorted(expected, key=lambda row: json.dumps(row, sort_keys=True)), table


@RELEASES
def test_fields_that_a_later_producer_adds_change_nothing(insight: ServiceUnderTest, release: Path) -> None:
    wanted = read(release, "read_model")

    replay(insight, as_records((release / "events.jsonl").read_text(), said_by_a_later_release={"more": [1, 2]}))

    assert read_model_of(insight.superuser_url, wanted) == wanted


@RELEASES
@pytest.mark.parametrize("service", [service for service in SERVICES if service != "portal"])
def test_code_of_an_earlier_release_finds_every_table_and_column_it_uses(
    request: pytest.FixtureRequest, release: Path, service: str
) -> None:
    under_test: ServiceUnderTest = request.getfixturevalue(service)

    now = schema_of(under_test.superuser_url, service)

    assert broken_for(read(release, "schema")[service], now) == []


@RELEASES
def test_consumers_of_an_earlier_release_accept_every_event_told_today(release: Path) -> None:
    validators = {name: Draft202012Validator(schema) for name, schema in read(release, "event_schemas").items()}

    refused = [
        f"{file.parent.name}/{file.name}"
        for name, validator in validators.items()
        for file in sorted((CONTRACTS / "events" / name).glob("*.json"))
        if not validator.is_valid(json.loads(file.read_text())["data"])
    ]

    assert refused == []


@RELEASES
def test_what_an_earlier_release_could_rely_on_in_an_event_is_still_promised(release: Path) -> None:
    now = event_schemas()

    broken = [
        f"{name}: {sorted(set(earlier.get('required', [])) - set(now.get(name, {}).get('required', [])))}"
        for name, earlier in read(release, "event_schemas").items()
        if not set(earlier.get("required", [])) <= set(now.get(name, {}).get("required", []))
    ]

    assert broken == []


@pytest.mark.parametrize(
    ("now", "fault"),
    [
        ({}, "action.title: gone, and earlier code reads it"),
        (
            {"action": {"title": {"type": "integer", "nullable": False, "filled": False}}},
            "action.title: text became integer",
        ),
        (
            {
                "action": {
                    "title": {"type": "text", "nullable": False, "filled": False},
                    "colour": {"type": "text", "nullable": False, "filled": False},
                }
            },
            "action.colour: new, and rows of earlier code leave it empty",
        ),
    ],
)
def test_a_change_that_contracts_the_schema_too_early_is_found(now: Schema, fault: str) -> None:
    earlier: Schema = {"action": {"title": {"type": "text", "nullable": False, "filled": False}}}

    assert fault in broken_for(earlier, now)
