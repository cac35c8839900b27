"""T2, T3, T13: with a canary in every column that may hold somebody's words, nobody else reads one, on any route.

Each request that a trust's people rightly made is sent again by everybody else who exists, to the same address and
with the same content. What the others get must hold no canary and no id of the trust's, and where the address names
something of the trust's it must look exactly as if there were no such thing.
"""

import io
import logging
import re
import zipfile
from collections.abc import Mapping
from typing import Any

import psycopg
import pytest
from psycopg.rows import dict_row
from werkzeug.test import TestResponse

from shared.contracts.roles import Level, Role, role_register
from shared.ids import new_id
from shared.testing.world import Person
from tests.security.canaries.planting import CANARY, ids_of, people_of
from tests.security.canaries.recording import Scene, Sent
from tests.security.canaries.strangers import client_of, stands_at
from tests.security.test_route_matrix import declared

REQUEST_ID = re.compile(r'"request_id":"[^"]*"')
WITHOUT_STORY = {"GET /health/live", "GET /health/ready", "GET /v1/audit", "GET /v1/operations"}
"""Routes of every service that hold nobody's words; the audit trail is read by everybody below."""
WITH_A_FILE = {
    "DELETE /v1/earlier-results/<uuid:earlier_id>",
    "GET /v1/earlier-results/<uuid:earlier_id>",
    "GET /v1/earlier-results/templates/<question_set_id>/<kind>",
    "POST /v1/earlier-results",
    "POST /v1/earlier-results/<uuid:earlier_id>/confirm",
    "GET /v1/question-sets/<question_set_id>/mapping/<older_id>",
    "GET /v1/rounds/<uuid:round_id>/evidence/<uuid:evidence_id>/link",
    "POST /v1/rounds/<uuid:round_id>/evidence/<uuid:evidence_id>/still-true",
    "POST /v1/rounds/<uuid:round_id>/evidence/files",
}
"""Routes that no scene uses yet: they need a file, an object store or an earlier self-assessment. The row matrix guards
their rows, and tests/integration/assessment/ who reads them."""
PUBLIC_REGISTER = {"GET /v1/organisations", "GET /v1/organisations/<code>"}
"""Who exists and belongs where is the same for everybody who signed in."""
ABOVE_TRUSTS = (Level.REGION, Level.NATIONAL, Level.OPERATOR)
NATIONAL = {str(role) for role, entry in role_register().items() if entry.level in ABOVE_TRUSTS}
NOT_A_TRUSTS = NATIONAL | {str(Role.NOTIFICATION_SENDER)}


def _text(response: TestResponse) -> str:
    """Return the body as text, a workbook as the text of all its parts."""
    body = response.get_data()
    if body.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(body)) as parts:
            body = b"".join(parts.read(name) for name in parts.namelist())
    return body.decode(errors="replace")


def _whole(response: TestResponse) -> str:
    return f"{response.status}\n{response.headers}\n{_text(response)}"


def _without_request_id(response: TestResponse) -> tuple[int, str, list[tuple[str, str]]]:
    headers = [(name, value) for name, value in response.headers if name != "X-Request-Id"]
    return response.status_code, REQUEST_ID.sub("", _text(response)), headers


def _rightly_reads(scene: Scene, sent: Sent, name: str) -> bool:
    return any(stands_at(name, place) for place in scene.may_read.get(sent.route, ()))


def test_a_canary_sits_in_every_column_that_may_hold_somebodys_words(scene: Scene) -> None:
    assert scene.without_canary == []


def test_the_story_uses_every_route_that_is_not_the_national_teams(scene: Scene) -> None:
    untold = [
        route
        for route, row in declared(scene.service).items()
        if route not in scene.service.sent and route not in WITHOUT_STORY | WITH_A_FILE and row["who"] != "anybody"
        if not isinstance(row["who"], list) or not set(row["who"]) <= NOT_A_TRUSTS
    ]

    assert untold == []


def test_the_owners_read_their_own_words(scene: Scene) -> None:
    """Without this the sweeps below could pass over an empty database."""
    everybody = (scene.author, *scene.colleagues.values())
    read = "".join(
        _whole(sent.again(client_of(scene, person)))
        for sent in scene.service.sent.values()
        if sent.method == "GET"
        for person in everybody
    )

    assert CANARY.search(read) or scene.org in read or scene.service.name == "notification"


def test_no_stranger_reads_a_word_or_an_id_on_any_route(scene: Scene, strangers: Mapping[str, Person | None]) -> None:
    theirs = ids_of(scene) | people_of(scene)
    leaks = []
    for sent in scene.service.sent.values():
        asked = sent.path + str(sent.options)
        for name, person in strangers.items():
            response = sent.in_other_words().again(client_of(scene, person))
            if _rightly_reads(scene, sent, name) or sent.route in PUBLIC_REGISTER:
                continue
            answer = _whole(response)
            read = [found for found in theirs if found in answer and found not in asked]
            if CANARY.search(answer) or read or response.status_code >= 500:
                leaks.append(f"{sent.route} as {name}: {response.status_code} {read} {answer[-300:]}")

    assert leaks == []


def _swapped(scene: Scene, sent: Sent) -> str | None:
    """Return the address with a made-up id in place of the trust's, or None when it names nothing of the trust's."""
    path = sent.path
    for found in sorted(ids_of(scene) | people_of(scene), key=len, reverse=True):
        made_up = "ZZZ9999" if found == scene.org else str(new_id())
        path = path.replace(found, made_up)
    return path if path != sent.path else None


def test_what_is_somebody_elses_looks_as_if_it_did_not_exist(
    scene: Scene, strangers: Mapping[str, Person | None]
) -> None:
    told_apart = []
    for sent in scene.service.sent.values():
        elsewhere = _swapped(scene, sent)
        if elsewhere is None or sent.route in PUBLIC_REGISTER:
            continue
        who = declared(scene.service)[sent.route]["who"]
        for name, person in strangers.items():
            # Whom the route lets in by no role of theirs is refused before anything is looked up.
            may_ask = not isinstance(who, list) or any(name.startswith(role) for role in who)
            if not may_ask or _rightly_reads(scene, sent, name):
                continue
            asked, client = sent.in_other_words(), client_of(scene, person)
            real, made_up = asked.again(client), asked.again(client, elsewhere)
            if _without_request_id(real) != _without_request_id(made_up) or real.status_code not in (401, 403, 404):
                told_apart.append(f"{sent.route} as {name}: {real.status_code}, made up {made_up.status_code}")

    assert told_apart == []


def test_nobody_of_the_trust_reads_what_is_the_authors_alone(scene: Scene) -> None:
    leaks = []
    for sent in scene.service.sent.values():
        if sent.method != "GET":
            continue
        for name, person in scene.colleagues.items():
            answer = _whole(sent.again(scene.service.client(person)))
            own = sent.route == "GET /v1/my-reflection"
            if f"{CANARY.search(answer)}".find("author") >= 0 and not own:
                leaks.append(f"{sent.route} as {name}")

    assert leaks == []


def test_every_act_left_exactly_one_line_in_the_audit_trail(scene: Scene) -> None:
    """A1: whatever names an audit action wrote it, once, and what names none wrote nothing."""
    rows = declared(scene.service)
    expected = {rows[route]["audit"] for route in scene.service.sent} - {None}
    with psycopg.connect(scene.service.superuser_url) as connection:
        found = connection.execute(
            f"select action, request_id from {scene.service.name}.audit_entry where request_id is not null".encode()
        ).fetchall()

    assert expected - {action for action, _ in found} == set()
    assert {action for action, _ in found} <= {row["audit"] for row in rows.values()} | {"access.refused"}
    assert len({request_id for _, request_id in found}) == len(found)


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
