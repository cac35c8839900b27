"""A1: whatever was asked of a route left exactly the line its declaration names, and no other, request by request.

T2 for the routes of the national team, of operators and of whoever holds a link: none of them shows a trust's words.
"""

from collections import Counter

import psycopg
import pytest

from tests.security.canaries import national_acts
from tests.security.canaries.planting import CANARY
from tests.security.canaries.recording import Scene
from tests.security.test_route_matrix import declared

ASKED_BY_NO_PERSON = {"GET /health/live", "GET /health/ready"}
FURTHER_LINES = {
    "POST /v1/invitations/by-token/<token>/accept": ["invitation.accepted", "membership.granted"],
    "POST /v1/invitations/by-token/<token>/renew": ["invitation.renewed"],
    "POST /v1/operations/dead-letters/<uuid:letter_id>/again": ["event.replayed"],
    "POST /v1/operations/dead-letters/<uuid:letter_id>/leave-out": ["event.left-out"],
}
"""What is done in another's trail has a line there as well: whoever follows a link has not signed in, so that the
route's own line is nobody's; an operator's is the national team's, and the dead letter is the service's."""


@pytest.fixture(scope="module")
def acted(scene: Scene) -> Scene:
    """Return the scene after everybody else who may do something has done it."""
    scene.service.unheard = False
    national_acts.act(scene)
    scene.service.unheard = True
    return scene


def _lines(scene: Scene) -> dict[str, Counter[str]]:
    """Return the actions in the audit trail by the request that left them."""
    found: dict[str, Counter[str]] = {}
    with psycopg.connect(scene.service.superuser_url) as connection:
        query = f"select request_id, action from {scene.service.name}.audit_entry where request_id is not null"
        for request_id, action in connection.execute(query.encode()):
            found.setdefault(request_id, Counter())[action] += 1
    return found


def test_every_route_was_used_and_answered_well(acted: Scene) -> None:
    used = {answered.route for answered in acted.service.answered}

    assert declared(acted.service).keys() - used == ASKED_BY_NO_PERSON


def test_every_request_left_exactly_the_line_that_its_route_declares(acted: Scene) -> None:
    rows, lines = declared(acted.service), _lines(acted)
    wrong = []
    for answered in acted.service.answered:
        audit = rows[answered.route]["audit"]
        expected = Counter([audit] if audit else []) + Counter(FURTHER_LINES.get(answered.route, ()))
        left = lines.get(answered.request_id, Counter())
        if left != expected:
            wrong.append(f"{answered.route}: {dict(left)} instead of {dict(expected)}")

    assert wrong == []


def test_no_two_requests_have_one_reference(acted: Scene) -> None:
    references = [answered.request_id for answered in acted.service.answered]

    assert len(set(references)) == len(references)


def test_who_stands_above_trusts_reads_no_word_of_one(acted: Scene) -> None:
    read = [answered for answered in acted.service.answered if answered.nobodys_trust]

    assert read
    assert [answered.route for answered in read if CANARY.search(answered.said) or acted.org in answered.said] == []
