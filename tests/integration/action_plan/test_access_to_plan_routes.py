"""Each route: the right persona is let in, every other one is refused, another organisation finds nothing."""

from functools import reduce
from typing import Any

import pytest

from shared.contracts.roles import Role
from shared.ids import new_id
from shared.service_state import state_of
from shared.testing.service_under_test import ServiceUnderTest
from tests.integration.action_plan.planning_trusts import PlanningTrust, found_trust

LEADS = {Role.IMPROVEMENT_LEAD, Role.PLACE_CONVENOR}
APPROVERS = {Role.CHAIR, Role.CHIEF_EXECUTIVE, Role.PLACE_CONVENOR}
DECIDERS = {Role.CHAIR, Role.PLACE_CONVENOR}
BOARD = LEADS | APPROVERS | {Role.COMPANY_SECRETARY, Role.BOARD_MEMBER}
READERS = BOARD | {Role.ACTION_OWNER}
PRIORITIES = {"priorities": [{"item_id": item_id, "title": item_id} for item_id in ("a", "b", "c")]}
ACTION = {"priority_id": str(new_id()), "title": "t", "owner_id": str(new_id()), "due_on": "2030-01-01"}
ROUTES: dict[tuple[str, str], tuple[set[Role], Any]] = {
    ("GET", "/v1/plans"): (READERS, None),
    ("GET", "/v1/plans/{plan}"): (READERS, None),
    ("PUT", "/v1/plans/{plan}/priorities"): (LEADS, PRIORITIES),
    ("PUT", "/v1/plans/{plan}/aim"): (LEADS, {"aim": "An aim"}),
    ("POST", "/v1/plans/{plan}/request-approval"): (LEADS | {Role.COMPANY_SECRETARY}, {}),
    ("POST", "/v1/plans/{plan}/approve"): (APPROVERS, {}),
    ("POST", "/v1/plans/{plan}/send-back"): (APPROVERS, {"note": "n"}),
    ("POST", "/v1/plans/{plan}/close"): (LEADS, {}),
    ("POST", "/v1/plans/{plan}/actions"): (LEADS, ACTION),
    ("GET", "/v1/actions"): (READERS, None),
    ("GET", "/v1/actions/{action}"): (READERS, None),
    ("PATCH", "/v1/actions/{action}"): (READERS, {"next_step": "n"}),
    ("GET", "/v1/plans/{plan}/sharing"): (BOARD | {Role.ACCESS_MANAGER}, None),
    ("POST", "/v1/plans/{plan}/sharing/propose"): (LEADS, {}),
    ("PUT", "/v1/plans/{plan}/sharing"): (DECIDERS, {"share_priorities": False}),
    ("GET", "/v1/shared-plans"): ({Role.ICB_LEAD}, None),
    ("GET", "/v1/shared-plans/{org}"): ({Role.ICB_LEAD}, None),
}
OF_AN_ORGANISATION = [route for route in ROUTES if "{" in route[1]]
NAMED = {"<uuid:plan_id>": "{plan}", "<uuid:action_id>": "{action}", "<org_id>": "{org}"}
ALL_ROLES = [role for role in Role if role is not Role.NOTIFICATION_SENDER]


@pytest.fixture(scope="module")
def place(action_plan: ServiceUnderTest) -> tuple[PlanningTrust, dict[str, str]]:
    """A trust with a plan, and the ids its routes are asked for."""
    trust = found_trust(action_plan)
    plan = trust.prepared()
    return trust, {"plan": plan["id"], "action": trust.add(plan)["id"], "org": trust.org}


def ask(trust: PlanningTrust, role: Role, method: str, path: str, body: Any, *, org: str | None = None) -> Any:
    person = trust.service.world.person(org or trust.org, role)
    return trust.acting(person).send(method, path, json=body, if_match=0)


@pytest.mark.parametrize("route", ROUTES, ids=" ".join)
def test_only_the_right_personas_are_let_in(
    place: tuple[PlanningTrust, dict[str, str]], route: tuple[str, str]
) -> None:
    trust, ids = place
    allowed, body = ROUTES[route]
    path = route[1].format(**ids)

    answers = {role: ask(trust, role, route[0], path, body) for role in ALL_ROLES}

    refused = {role for role, answer in answers.items() if answer.json.get("type") == "/problems/forbidden"}
    assert refused == set(ALL_ROLES) - allowed


@pytest.mark.parametrize("route", OF_AN_ORGANISATION, ids=" ".join)
def test_another_organisations_plan_looks_like_one_that_does_not_exist(
    place: tuple[PlanningTrust, dict[str, str]], route: tuple[str, str]
) -> None:
    trust, ids = place
    allowed, body = ROUTES[route]
    neighbour = trust.service.world.trust(trust.tenant)
    stranger = trust.service.world.trust()
    role = sorted(allowed)[0]
    made_up = {name: str(new_id()) for name in ids}

    answers = [ask(trust, role, route[0], route[1].format(**ids), body, org=org) for org in (neighbour, stranger)]
    nothing = ask(trust, role, route[0], route[1].format(**made_up), body)

    shown = [(answer.status_code, answer.json["type"], answer.json["detail"]) for answer in (*answers, nothing)]
    assert shown == [(404, "/problems/not-found", "There is nothing here that you can see.")] * 3


def test_lists_of_another_organisation_are_empty(place: tuple[PlanningTrust, dict[str, str]]) -> None:
    trust, _ = place
    neighbour = trust.service.world.trust(trust.tenant)

    for path in ("/v1/plans", "/v1/actions"):
        answer = ask(trust, Role.IMPROVEMENT_LEAD, "GET", path, None, org=neighbour)
        assert answer.json == {"items": [], "next": None, "count": 0}


def test_an_action_owner_reads_the_plan_without_levels(place: tuple[PlanningTrust, dict[str, str]]) -> None:
    trust, ids = place

    for_owner = trust.plan(ids["plan"], trust.owner)
    for_member = trust.plan(ids["plan"], trust.member)

    assert (for_owner["items"], for_owner["suggestions"]) == ([], [])
    assert for_member["items"]
    assert for_member["suggestions"]
    assert for_owner["priorities"] == for_member["priorities"]


def test_a_role_that_ended_gives_no_power_though_the_token_still_names_it(
    place: tuple[PlanningTrust, dict[str, str]],
) -> None:
    trust, ids = place
    person = trust.service.world.person(trust.org, Role.BOARD_MEMBER)
    still_named = frozenset({Role.BOARD_MEMBER.value, Role.IMPROVEMENT_LEAD.value})
    client = trust.service.client(person, roles=still_named)

    refused = client.patch(f"/v1/actions/{ids['action']}", {"title": "Another"}, if_match=1)

    assert (refused.status_code, refused.json["type"]) == (403, "/problems/not-your-action")


def test_every_route_is_in_the_list_above(action_plan: ServiceUnderTest) -> None:
    access = state_of(action_plan.app).access
    declared = {
        (method, reduce(lambda rule, name: rule.replace(*name), NAMED.items(), rule.rule))
        for rule in action_plan.app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
        if rule.endpoint.split(".")[0] in {"plans", "approval", "actions", "plan-sharing", "shared-plans"}
    }

    assert declared == set(ROUTES)
    assert all(access[rule.endpoint] for rule in action_plan.app.url_map.iter_rules() if rule.rule.startswith("/v1/pl"))
