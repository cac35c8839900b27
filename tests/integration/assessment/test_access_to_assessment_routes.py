"""Each route: the right persona is let in, every other one is refused, another organisation finds nothing."""

from typing import Any

import pytest

from shared.access import Access
from shared.contracts.roles import Role
from shared.ids import new_id
from shared.service_state import state_of
from shared.testing.service_under_test import ServiceUnderTest
from shared.testing.world import Person
from tests.integration.assessment.boards import Board, found_board, in_days, today

RUNNERS = {Role.IMPROVEMENT_LEAD, Role.PLACE_CONVENOR}
ORGANISERS = RUNNERS | {Role.COMPANY_SECRETARY}
SIGNERS = {Role.CHAIR, Role.CHIEF_EXECUTIVE, Role.PLACE_CONVENOR}
DECIDERS = {Role.CHAIR, Role.PLACE_CONVENOR}
BOARD = ORGANISERS | SIGNERS | {Role.BOARD_MEMBER}
INVITABLE = BOARD | {Role.ICB_LEAD}
SHARING = BOARD | {Role.ACCESS_MANAGER}
EDITOR, APPROVER = {Role.NATIONAL_EDITOR}, {Role.NATIONAL_APPROVER}
EDITORIAL = EDITOR | APPROVER
ANYBODY = set(Role)
"""Signed in or not."""
A_FILE = "/v1/rounds/{round}/evidence/files"
"""Its body is no JSON; test_evidence.py tries it in another organisation."""
ROUTES: dict[tuple[str, str], tuple[set[Role], Any]] = {
    ("GET", "/v1/rounds"): (INVITABLE, None),
    ("POST", "/v1/rounds"): (ORGANISERS, "invitation"),
    ("GET", "/v1/rounds/{round}"): (INVITABLE, None),
    ("PATCH", "/v1/rounds/{round}"): (ORGANISERS, {"name": "Another name"}),
    ("POST", "/v1/rounds/{round}/open"): (ORGANISERS, {}),
    ("POST", "/v1/rounds/{round}/respondents"): (ORGANISERS, {"respondents": []}),
    ("DELETE", "/v1/rounds/{round}/respondents/{person}"): (ORGANISERS, None),
    ("POST", "/v1/rounds/{round}/extend"): (ORGANISERS, {"closes_on": in_days(9).isoformat()}),
    ("POST", "/v1/rounds/{round}/remind"): (ORGANISERS, {}),
    ("POST", "/v1/rounds/{round}/close"): (RUNNERS, {}),
    ("POST", "/v1/rounds/{round}/reopen"): (RUNNERS, {"reason": "r"}),
    ("POST", "/v1/rounds/{round}/abandon"): (RUNNERS, {"reason": "r"}),
    ("GET", "/v1/rounds/{round}/my-answers"): (INVITABLE, None),
    ("PUT", "/v1/rounds/{round}/my-answers/i1"): (INVITABLE, {"level": 3, "cannot_judge": False}),
    ("POST", "/v1/rounds/{round}/my-answers/finish"): (INVITABLE, {}),
    ("POST", "/v1/rounds/{round}/my-answers/unfinish"): (INVITABLE, {}),
    ("GET", "/v1/rounds/{round}/discussion"): (BOARD, None),
    ("PUT", "/v1/rounds/{round}/agreements/i1"): (RUNNERS, {"level": 3}),
    ("POST", "/v1/rounds/{round}/agreements"): (RUNNERS, {"item_ids": ["i1"]}),
    ("PUT", "/v1/rounds/{round}/practice-levels/p1"): (RUNNERS, {"level": 3}),
    ("PUT", "/v1/rounds/{round}/come-back/i1"): (RUNNERS, {}),
    ("DELETE", "/v1/rounds/{round}/come-back/i1"): (RUNNERS, None),
    ("POST", "/v1/rounds/{round}/show-ranges"): (RUNNERS, {}),
    ("POST", "/v1/rounds/{round}/agree"): (RUNNERS, {}),
    ("POST", "/v1/rounds/{round}/sign-off"): (SIGNERS, {"meeting_on": today().isoformat()}),
    ("POST", "/v1/rounds/{round}/decision"): ({Role.COMPANY_SECRETARY}, {"meeting_on": today().isoformat()}),
    ("POST", "/v1/rounds/{round}/send-back"): (SIGNERS, {"note": "n"}),
    ("GET", "/v1/rounds/{round}/result"): (BOARD, None),
    ("POST", "/v1/rounds/{round}/corrections"): (
        SIGNERS,
        {"revision": 1, "reason": "r", "meeting_on": today().isoformat()},
    ),
    ("GET", "/v1/rounds/{round}/result/files/csv"): (BOARD, None),
    ("GET", "/v1/rounds/{round}/questions"): (BOARD, None),
    ("POST", "/v1/rounds/{round}/items/i1/questions"): (BOARD, {"question": "q"}),
    ("POST", "/v1/rounds/{round}/questions/{grant}/answer"): (RUNNERS, {"text": "t"}),
    ("GET", "/v1/results"): (BOARD, None),
    ("GET", "/v1/earlier-results/{grant}"): (BOARD, None),
    ("GET", "/v1/earlier-results/templates/small-1/csv"): (BOARD, None),
    ("POST", "/v1/earlier-results"): (ORGANISERS, None),
    ("POST", "/v1/earlier-results/{grant}/confirm"): (ORGANISERS, {}),
    ("DELETE", "/v1/earlier-results/{grant}"): (ORGANISERS, None),
    ("GET", "/v1/rounds/{round}/evidence"): (BOARD, None),
    ("GET", "/v1/rounds/{round}/evidence/{grant}/link"): (BOARD, None),
    ("POST", "/v1/rounds/{round}/evidence/links"): (
        ORGANISERS,
        {"item_id": "i1", "title": "t", "link": "https://example.org"},
    ),
    ("POST", A_FILE): (ORGANISERS, None),
    ("DELETE", "/v1/rounds/{round}/evidence/{grant}"): (ORGANISERS, None),
    ("POST", "/v1/rounds/{round}/evidence/{grant}/still-true"): (ORGANISERS, {"answer": "keep"}),
    ("GET", "/v1/rounds/{round}/sharing"): (SHARING, None),
    ("PUT", "/v1/rounds/{round}/sharing"): (RUNNERS, {"share_summary": False, "count_us": False}),
    ("POST", "/v1/rounds/{round}/sharing/decide"): (
        DECIDERS,
        {"share_summary": False, "count_us": False, "progress_visible": True},
    ),
    ("GET", "/v1/sharing"): (SHARING, None),
    ("POST", "/v1/sharing/{grant}/stop"): (DECIDERS, {}),
    ("PUT", "/v1/progress-visibility"): (DECIDERS, {"visible": True}),
    ("GET", "/v1/shared-summaries"): ({Role.ICB_LEAD}, None),
    ("GET", "/v1/shared-summaries/{org}"): ({Role.ICB_LEAD}, None),
    ("GET", "/v1/question-sets"): (ANYBODY, None),
    ("GET", "/v1/question-sets/small-1"): (ANYBODY, None),
    ("GET", "/v1/question-sets/small-1/mapping/small-1"): (set(Role), None),
    ("GET", "/v1/question-sets/small-1/file"): (ANYBODY, None),
    ("POST", "/v1/question-sets/small-1/retire"): (APPROVER, {"retired_on": "2020-01-01"}),
    ("GET", "/v1/question-set-drafts"): (EDITORIAL, None),
    ("POST", "/v1/question-set-drafts"): (EDITOR, None),
    ("GET", "/v1/question-set-drafts/{grant}"): (EDITORIAL, None),
    ("GET", "/v1/question-set-drafts/{grant}/file"): (EDITORIAL, None),
    ("POST", "/v1/question-set-drafts/{grant}/keep"): (EDITOR, {}),
    ("POST", "/v1/question-set-drafts/{grant}/send"): (EDITOR, {}),
    ("POST", "/v1/question-set-drafts/{grant}/discard"): (EDITOR, {}),
    ("POST", "/v1/question-set-drafts/{grant}/send-back"): (APPROVER, {"note": "n"}),
    ("POST", "/v1/question-set-drafts/{grant}/publish"): (APPROVER, {}),
}
KNOWN: dict[tuple[str, Role], Person] = {}
FORBIDDEN = "/problems/forbidden"
OF_AN_ORGANISATION = [route for route in ROUTES if "{" in route[1] and "draft" not in route[1] and route[1] != A_FILE]


@pytest.fixture(scope="module")
def place(service: ServiceUnderTest) -> tuple[Board, dict[str, str]]:
    """A trust with a draft round, and the ids its routes are asked for."""
    board = found_board(service)
    round_id = board.open(draft=True)
    ids = {"round": round_id, "person": board.members[0].person_id, "grant": str(new_id()), "org": board.org}
    return board, ids


def body_for(board: Board, body: Any) -> Any:
    return board.invitation(draft=True) if body == "invitation" else body


def somebody(service: ServiceUnderTest, org: str, role: Role) -> Person:
    """Somebody who holds the role there, the same for all tests of this file."""
    if (org, role) not in KNOWN:
        KNOWN[org, role] = service.world.person(org, role)
    return KNOWN[org, role]


def ask(board: Board, role: Role, method: str, path: str, body: Any, *, org: str | None = None) -> Any:
    return board.acting(somebody(board.service, org or board.org, role)).send(
        method, path, json=body_for(board, body), if_match=0
    )


@pytest.mark.parametrize("route", ROUTES, ids=" ".join)
def test_the_right_roles_are_let_in_and_all_others_refused(
    place: tuple[Board, dict[str, str]], route: tuple[str, str]
) -> None:
    board, ids = place
    allowed, body = ROUTES[route]
    path = route[1].format(**ids)

    answers = {role: ask(board, role, route[0], path, body) for role in Role if role is not Role.NOTIFICATION_SENDER}

    refused = {role for role, answer in answers.items() if answer.json and answer.json.get("type") == FORBIDDEN}
    assert refused == set(answers) - allowed
    assert all(answer.status_code < 500 for answer in answers.values())


@pytest.mark.parametrize("route", OF_AN_ORGANISATION, ids=" ".join)
def test_another_organisation_finds_nothing_in_the_same_icb_or_elsewhere(
    place: tuple[Board, dict[str, str]], route: tuple[str, str]
) -> None:
    board, ids = place
    allowed, body = ROUTES[route]
    path = route[1].format(**ids)
    neighbour, stranger = board.service.world.trust(board.tenant), board.service.world.trust()
    role = sorted(allowed)[0]

    answers = [ask(board, role, route[0], path, body, org=org) for org in (neighbour, stranger)]

    assert [answer.status_code for answer in answers] == [404, 404]
    assert {answer.json["type"] for answer in answers} == {"/problems/not-found"}


@pytest.mark.parametrize("route", ROUTES, ids=" ".join)
def test_nobody_gets_in_without_signing_in(place: tuple[Board, dict[str, str]], route: tuple[str, str]) -> None:
    board, ids = place
    nobody = board.service.client_with(None, acting_for=board.org)
    expected = 200 if ROUTES[route][0] is ANYBODY else 401

    assert nobody.send(route[0], route[1].format(**ids), json={}).status_code == expected


def test_no_route_is_missing_from_this_list(service: ServiceUnderTest) -> None:
    adapter = service.app.url_map.bind("localhost")
    listed = {
        adapter.match(path.format(round=new_id(), person=new_id(), grant=new_id(), org="ABC"), method=method)[0]
        for method, path in ROUTES
    }
    declared: dict[str, Access] = state_of(service.app).access
    own = {endpoint for endpoint in declared if not endpoint.startswith(("health", "audit", "operations"))}
    documents = {endpoint for endpoint in own if endpoint.startswith(("api-docs", "openapi"))}

    assert own - documents - listed == set()


def test_every_step_up_route_is_one_that_binds_the_organisation_or_everybody(service: ServiceUnderTest) -> None:
    declared = state_of(service.app).access

    assert {endpoint for endpoint, access in declared.items() if access.strong} == {
        "sign-off.sign",
        "sharing.decide",
        "question-set-drafts.publish",
        "question-sets.retire_question_set",
        "results.correct",
    }


def test_somebody_whose_role_ended_is_refused_although_the_token_still_says_it(
    place: tuple[Board, dict[str, str]],
) -> None:
    board, ids = place
    person = board.service.world.person(board.org, Role.BOARD_MEMBER)

    response = board.service.client(person, roles=frozenset({Role.IMPROVEMENT_LEAD.value})).post(
        f"/v1/rounds/{ids['round']}/close"
    )

    assert response.status_code == 403


def test_a_national_person_sees_question_sets_and_no_round(place: tuple[Board, dict[str, str]]) -> None:
    board, ids = place
    analyst = board.service.client(board.service.world.national(Role.NATIONAL_ANALYST))

    assert analyst.get("/v1/question-sets/trust-2026-1").status_code == 200
    assert analyst.get(f"/v1/rounds/{ids['round']}").status_code == 403
