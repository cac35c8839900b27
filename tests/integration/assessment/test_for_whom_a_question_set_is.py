"""Each kind of organisation opens a self-assessment with the questions written for it; a place's convenor signs."""

from typing import Any

import pytest

from services.assessment import worker
from shared.contracts import event_types
from shared.contracts.roles import Role
from shared.testing.service_under_test import Client, ServiceUnderTest
from shared.testing.world import Person
from tests.integration.assessment.boards import in_days, today

SET_OF = {"trust": "trust-2026-1", "icb": "icb-2026-1", "place": "place-2026-1"}
RIGHT = {"trust": "trust", "icb": "icb", "place": "place", "national": "icb"}
REFUSED = "This question set was written for another kind of organisation"


def organisation_of(service: ServiceUnderTest, kind: str) -> str:
    world = service.world
    made = {
        "trust": world.trust,
        "icb": world.tenant,
        "place": lambda: world.place(world.tenant()),
        "national": world.national_body,
    }
    return made[kind]()


def runner_of(service: ServiceUnderTest, org: str, kind: str) -> Person:
    return service.world.person(org, Role.PLACE_CONVENOR if kind == "place" else Role.IMPROVEMENT_LEAD)


def invitation(service: ServiceUnderTest, org: str, question_set_id: str) -> dict[str, Any]:
    people = [service.world.person(org, Role.BOARD_MEMBER) for _ in range(2)]
    return {
        "question_set_id": question_set_id,
        "name": "Spring",
        "closes_on": in_days(7).isoformat(),
        "discussion_on": None,
        "respondents": [{"person_id": person.person_id, "executive": None} for person in people],
    }


@pytest.mark.parametrize("kind", RIGHT)
@pytest.mark.parametrize("audience", SET_OF)
def test_a_self_assessment_opens_with_the_questions_for_this_kind_of_organisation_alone(
    service: ServiceUnderTest, kind: str, audience: str
) -> None:
    org = organisation_of(service, kind)
    client = service.client(runner_of(service, org, kind))
    before = client.get("/v1/rounds").json["count"]

    response = client.post("/v1/rounds", invitation(service, org, SET_OF[audience]))

    if audience == RIGHT[kind]:
        assert response.status_code == 201, response.json
        assert client.get(f"/v1/rounds/{response.json['id']}").json["kind"] == audience
    else:
        assert response.status_code == 422
        assert response.json["errors"] == [{"field": "question_set_id", "message": REFUSED}]
        assert client.get("/v1/rounds").json["count"] == before


def signed_round(service: ServiceUnderTest, place: str, client: Client) -> str:
    round_id = str(client.post("/v1/rounds", invitation(service, place, SET_OF["place"])).json["id"])
    content = client.get(f"/v1/question-sets/{SET_OF['place']}").json
    items = [item["id"] for practice in content["practices"] for item in practice["items"]]

    assert client.post(f"/v1/rounds/{round_id}/close").status_code == 200
    for item_id in items:
        assert client.put(f"/v1/rounds/{round_id}/agreements/{item_id}", {"level": 3}, if_match=0).status_code == 200
    for practice in content["practices"]:
        assert client.put(f"/v1/rounds/{round_id}/practice-levels/{practice['id']}", {"level": 3}).status_code == 200
    assert client.post(f"/v1/rounds/{round_id}/agree").status_code == 200
    signed = client.post(
        f"/v1/rounds/{round_id}/sign-off",
        {"meeting_on": today().isoformat(), "minute": "4"},
        if_match=client.get(f"/v1/rounds/{round_id}").json["version"],
    )

    assert (signed.status_code, signed.json["state"]) == (200, "signed_off")
    return round_id


def test_a_convenor_runs_and_signs_the_self_assessment_of_the_place(service: ServiceUnderTest) -> None:
    place = organisation_of(service, "place")
    client = service.client(service.world.person(place, Role.PLACE_CONVENOR))

    round_id = signed_round(service, place, client)

    assert client.get(f"/v1/rounds/{round_id}/result").json["result"]["signed"]["role"] == Role.PLACE_CONVENOR


def test_a_convenor_decides_whether_the_icb_reads_the_summary_of_the_place(service: ServiceUnderTest) -> None:
    tenant = service.world.tenant()
    place = service.world.place(tenant)
    convenor = service.client(service.world.person(place, Role.PLACE_CONVENOR))
    icb = service.client(service.world.person(tenant, Role.ICB_LEAD))
    round_id = signed_round(service, place, convenor)
    before = icb.get(f"/v1/shared-summaries/{place}").status_code
    shown = convenor.get(f"/v1/rounds/{round_id}/sharing").json
    preview = shown["preview"]

    decision = {"share_summary": True, "count_us": False, "progress_visible": True}
    decided = convenor.post(f"/v1/rounds/{round_id}/sharing/decide", decision, if_match=shown["version"])

    assert (before, decided.status_code) == (404, 200)
    (shown,) = icb.get(f"/v1/shared-summaries/{place}").json["items"]
    assert (shown["org_id"], shown["content"]) == (place, preview)


@pytest.mark.parametrize("wanted", ["share_priorities", "count_us"])
def test_what_nobody_would_see_of_a_place_is_not_proposed(service: ServiceUnderTest, wanted: str) -> None:
    place = organisation_of(service, "place")
    convenor = service.client(service.world.person(place, Role.PLACE_CONVENOR))
    path = f"/v1/rounds/{signed_round(service, place, convenor)}/sharing"
    summary = {"share_summary": True, "share_priorities": False, "count_us": False}

    refused = convenor.put(path, summary | {wanted: True})

    assert (refused.status_code, refused.json["type"]) == (409, "/problems/no-audience")
    assert convenor.put(path, summary).status_code == 200


def test_nobody_follows_a_place_so_its_progress_is_neither_shown_nor_hidden(service: ServiceUnderTest) -> None:
    place = organisation_of(service, "place")
    convenor = service.client(service.world.person(place, Role.PLACE_CONVENOR))
    path = f"/v1/rounds/{signed_round(service, place, convenor)}/sharing"
    told = {"share_summary": False, "count_us": False, "progress_visible": False}

    refused = [convenor.put("/v1/progress-visibility", {"visible": visible}) for visible in (True, False)]
    refused.append(convenor.post(f"{path}/decide", told, if_match=convenor.get(path).json.get("version")))

    assert [(one.status_code, one.json["type"]) for one in refused] == [(409, "/problems/no-audience")] * 3
    assert service.events(event_types.PROGRESS_VISIBILITY_CHANGED, key=place) == []


def test_a_convenor_of_another_place_of_the_same_icb_sees_nothing_of_it(service: ServiceUnderTest) -> None:
    tenant = service.world.tenant()
    ours, theirs = service.world.place(tenant), service.world.place(tenant)
    convenor, neighbour = (service.world.person(place, Role.PLACE_CONVENOR) for place in (ours, theirs))
    round_id = service.client(convenor).post("/v1/rounds", invitation(service, ours, SET_OF["place"])).json["id"]

    assert service.client(neighbour).get(f"/v1/rounds/{round_id}").status_code == 404
    assert service.client(service.world.person(tenant, Role.ICB_LEAD)).get("/v1/rounds").json["count"] == 0


def test_the_sets_beside_the_code_are_one_for_each_kind(service: ServiceUnderTest) -> None:
    worker.publish(service.database)
    reader = service.client(service.world.person(service.world.trust(), Role.BOARD_MEMBER))

    audiences = {one["id"]: one["audience"] for one in reader.get("/v1/question-sets").json["items"]}

    assert {key: audiences[value] for key, value in SET_OF.items()} == {key: key for key in SET_OF}
