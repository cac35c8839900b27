"""T2, T10, A5: with a canary in every column that may hold somebody's words, nobody else reads one, on any route.

Each request that a trust's people rightly made is sent again by everybody else who exists, to the same address and
with the same content. What the others get must hold no canary and no id of the trust's, and must leave its rows alone.
"""

import logging
from collections.abc import Mapping
from typing import Any

import psycopg
import pytest
from psycopg.rows import dict_row

from shared.contracts.roles import Level, Role, role_register
from shared.testing.world import Person
from tests.security.canaries.planting import CANARY, rows_of
from tests.security.canaries.recording import Scene
from tests.security.canaries.strangers import client_of
from tests.security.canaries.sweeping import PUBLIC_REGISTER, rightly_reads, theirs, whole
from tests.security.test_route_matrix import declared

WITHOUT_STORY = {"GET /v1/audit", "GET /v1/operations"}
"""Routes of every service that hold nobody's words; test_one_line_an_act.py uses them too."""
ABOVE_TRUSTS = (Level.REGION, Level.NATIONAL, Level.OPERATOR)
NATIONAL = {str(role) for role, entry in role_register().items() if entry.level in ABOVE_TRUSTS}
NOT_A_TRUSTS = NATIONAL | {str(Role.NOTIFICATION_SENDER)}


def test_a_canary_sits_in_every_column_that_may_hold_somebodys_words(scene: Scene) -> None:
    assert scene.without_canary == []


def test_the_story_uses_every_route_that_is_not_the_national_teams(scene: Scene) -> None:
    untold = [
        route
        for route, row in declared(scene.service).items()
        if route not in scene.service.sent and route not in WITHOUT_STORY and row["who"] != "anybody"
        if not isinstance(row["who"], list) or not set(row["who"]) <= NOT_A_TRUSTS
    ]

    assert untold == []


def test_the_owners_read_their_own_words(scene: Scene) -> None:
    """Without this the sweeps below could pass over an empty database."""
    read = "".join(
        whole(sent.again(client_of(scene, person)))
        for sent in scene.service.sent.values()
        if sent.method == "GET"
        for person in scene.people()
    )

    assert CANARY.search(read) or scene.org in read or scene.service.name == "notification"


def test_no_stranger_reads_a_word_or_an_id_or_changes_a_row_on_any_route(
    scene: Scene, strangers: Mapping[str, Person | None]
) -> None:
    ids, before = theirs(scene), rows_of(scene)
    leaks = []
    for sent in scene.service.sent.values():
        asked = sent.path + str(sent.options)
        for name, person in strangers.items():
            if rightly_reads(scene, sent, name) or sent.route in PUBLIC_REGISTER:
                continue
            response = sent.in_other_words().again(client_of(scene, person))
            answer = whole(response)
            read = [found for found in ids if found in answer and found not in asked]
            if CANARY.search(answer) or read or response.status_code >= 500:
                leaks.append(f"{sent.route} as {name}: {response.status_code} {read} {answer[-300:]}")

    assert leaks == []
    assert rows_of(scene) == before


def test_nobody_of_the_trust_reads_what_is_the_authors_alone(scene: Scene) -> None:
    leaks = []
    for sent in scene.service.sent.values():
        if sent.method != "GET":
            continue
        for name, person in scene.colleagues.items():
            answer = whole(sent.again(scene.service.client(person)))
            own = sent.route == "GET /v1/my-reflection"
            if f"{CANARY.search(answer)}".find("author") >= 0 and not own:
                leaks.append(f"{sent.route} as {name}")

    assert leaks == []


def test_no_answer_may_be_kept_by_anybody_on_the_way(scene: Scene) -> None:
    """T10: there is no cache of answers, here or between."""
    answers = [sent.again(scene.service.client(scene.author)) for sent in scene.service.sent.values()]

    assert {answer.headers["Cache-Control"] for answer in answers} == {"no-store"}


@pytest.mark.parametrize("place", ["outbox", "audit_entry", "due_work", "dead_letter", "parked_event"])
def test_events_audit_and_work_to_come_carry_no_words(scene: Scene, place: str) -> None:
    with psycopg.connect(scene.service.superuser_url, row_factory=dict_row) as connection:
        rows: list[dict[str, Any]] = connection.execute(
            f"select * from {scene.service.name}.{place}".encode()
        ).fetchall()

    assert [str(row) for row in rows if CANARY.search(str(row))] == []


def test_the_log_carries_no_words(
    scene: Scene, strangers: Mapping[str, Person | None], caplog: pytest.LogCaptureFixture
) -> None:
    for name in ("shared", "services", scene.service.name):
        caplog.set_level(logging.DEBUG, logger=name)

    for sent in scene.service.sent.values():
        sent.again(scene.service.client(scene.author))
        sent.again(client_of(scene, next(iter(strangers.values()))))

    logged = "\n".join(f"{record.getMessage()} {vars(record)}" for record in caplog.records)
    assert len(caplog.records) >= len(scene.service.sent)
    assert not CANARY.search(logged)
    assert "eyJ" not in logged, "a token was logged"
