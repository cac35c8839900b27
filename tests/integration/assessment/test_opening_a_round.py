"""Open a round, invite, change dates, abandon; and what is refused."""

import threading
from typing import Any

import psycopg
import pytest
from sqlalchemy import update

from services.assessment.models import round_
from shared.contracts import event_types
from shared.contracts.roles import Role
from shared.ids import new_id
from shared.principal import Principal
from tests.integration.assessment.boards import Board, found_board, found_icb, in_days, leave, today

OLD = "2020-01-01"


def test_opening_names_who_was_asked_and_when_it_closes(board: Board) -> None:
    round_id = board.open(note="Please answer before the seminar.")

    (opened,) = board.service.events(event_types.ROUND_OPENED, key=round_id)
    assert opened.actor == board.lead.person_id
    assert opened.data == {
        "round_id": round_id,
        "question_set_id": "small-1",
        "audience": "trust",
        "opened_on": today().isoformat(),
        "closes_on": in_days(7).isoformat(),
        "discussion_on": in_days(14).isoformat(),
        "respondent_ids": sorted(person.person_id for person in board.members),
        "invited": 6,
    }
    assert "seminar" not in str(opened)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"closes_on": OLD, "discussion_on": None}, "closes_on"),
        ({"discussion_on": in_days(1).isoformat()}, "discussion_on"),
        ({"question_set_id": "no-such-set"}, "question_set_id"),
        ({"name": "   "}, "name"),
        ({"name": "x" * 201}, "name"),
        ({"note": "x" * 5_001}, "note"),
        ({"respondents": []}, "respondents"),
        ({"closes_on": "2026-02-30"}, "closes_on"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_a_wrong_invitation_is_refused_and_names_the_field(board: Board, changes: dict[str, Any], field: str) -> None:
    response = board.acting(board.lead).post("/v1/rounds", board.invitation(**changes))

    assert response.status_code == 422
    assert [error["field"] for error in response.json["errors"]] == [field]
    assert board.acting(board.lead).get("/v1/rounds").json["count"] == 0
    assert board.service.events(org=board.org) == []


def test_one_person_is_not_a_board(board: Board) -> None:
    response = board.acting(board.lead).post("/v1/rounds", board.invitation(board.members[:1]))

    assert response.status_code == 422
    assert "at least 2" in response.json["detail"]


def test_somebody_without_a_role_in_the_organisation_cannot_be_asked(board: Board) -> None:
    stranger = found_board(board.service, tenant=board.tenant).members[0]

    response = board.acting(board.lead).post("/v1/rounds", board.invitation([*board.members, stranger]))

    assert response.status_code == 422
    assert "needs one of these roles" in response.json["detail"]


@pytest.mark.parametrize("role", [Role.ACTION_OWNER, Role.ACCESS_MANAGER])
def test_who_holds_no_role_that_answers_is_not_asked(board: Board, role: Role) -> None:
    """Addresses of one's own, given such a role, must not make up the five among whom an answer is hidden."""
    puppet = board.service.world.person(board.org, role)
    round_id = board.open()

    opening = board.acting(board.lead).post("/v1/rounds", board.invitation([*board.members, puppet]))
    adding = board.acting(board.lead).post(
        f"/v1/rounds/{round_id}/respondents", {"respondents": [{"person_id": puppet.person_id}]}
    )

    for refused in (opening, adding):
        assert (refused.status_code, refused.json["errors"][0]["field"]) == (422, "respondents")
        assert "board member, improvement lead, chair, chief executive or company secretary" in refused.json["detail"]


def test_a_draft_is_not_opened_for_somebody_whose_role_does_not_answer(board: Board) -> None:
    changed = board.service.world.person(board.org, Role.BOARD_MEMBER)
    draft = board.open([*board.members, changed], draft=True)
    with psycopg.connect(board.service.superuser_url) as connection:
        connection.execute(
            "update assessment.known_membership set role = 'action-owner' where person_id = %s", [changed.person_id]
        )

    refused = board.acting(board.lead).post(f"/v1/rounds/{draft}/open")

    assert (refused.status_code, refused.json["errors"][0]["field"]) == (422, "respondents")


def test_everybody_who_is_asked_sees_who_else_is_and_not_who_has_finished(board: Board) -> None:
    round_id = board.open()

    told = board.acting(board.members[0]).get(f"/v1/rounds/{round_id}").json["respondents"]

    assert {one["person_id"] for one in told["people"]} == {person.person_id for person in board.members}
    assert told["not_finished"] is None


def test_a_second_round_of_its_kind_waits_until_the_first_is_finished(board: Board) -> None:
    first = board.open()

    refused = board.acting(board.lead).post("/v1/rounds", board.invitation())
    board.do(board.lead, first, "abandon", {"reason": "Too early."})
    accepted = board.acting(board.lead).post("/v1/rounds", board.invitation())

    assert (refused.status_code, refused.json["type"]) == (409, "/problems/another-in-progress")
    assert accepted.status_code == 201


def test_of_two_rounds_opened_at_the_same_time_one_opens(board: Board) -> None:
    results: list[int] = []
    start = threading.Barrier(2)

    def open_one() -> None:
        client = board.acting(board.lead)
        start.wait()
        results.append(client.post("/v1/rounds", board.invitation()).status_code)

    threads = [threading.Thread(target=open_one) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(results) == [201, 409]
    assert len(board.service.events(event_types.ROUND_OPENED, org=board.org)) == 1


def test_the_same_request_sent_twice_opens_one_round(board: Board) -> None:
    client = board.acting(board.lead)
    body = board.invitation()

    first = client.post("/v1/rounds", body, key="open-spring")
    second = client.post("/v1/rounds", body, key="open-spring")

    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json == second.json
    assert len(board.service.events(event_types.ROUND_OPENED, org=board.org)) == 1


def test_a_key_used_for_one_trust_is_refused_for_another_of_the_same_person(board: Board) -> None:
    """Who leads two trusts must not be given the answer of one while acting for the other."""
    world = board.service.world
    elsewhere = world.person(world.trust(board.tenant), Role.IMPROVEMENT_LEAD, person_id=board.lead.person_id)
    board.acting(board.lead).post("/v1/rounds", board.invitation(), key="open-spring")

    answer = board.acting(elsewhere).post("/v1/rounds", board.invitation(), key="open-spring")

    assert (answer.status_code, answer.json["type"]) == (422, "/problems/key-used-for-other-request")
    assert board.service.events(event_types.ROUND_OPENED, org=elsewhere.org_id) == []


def test_a_draft_tells_nobody_until_it_is_opened(board: Board) -> None:
    round_id = board.open(draft=True)
    told_before = board.service.events(org=board.org)

    view = board.do(board.secretary, round_id, "open")

    assert told_before == []
    assert view["state"] == "open"
    assert len(board.service.events(event_types.ROUND_OPENED, org=board.org)) == 1


def test_a_draft_left_with_one_person_cannot_be_opened_until_somebody_is_asked(board: Board) -> None:
    round_id = board.open(board.members[:2], draft=True)
    leave(board, board.members[0], Role.BOARD_MEMBER)

    refused = board.acting(board.lead).post(f"/v1/rounds/{round_id}/open")
    board.do(board.lead, round_id, "respondents", {"respondents": [{"person_id": board.members[2].person_id}]})

    assert (refused.status_code, refused.json["errors"][0]["field"]) == (422, "respondents")
    assert board.do(board.lead, round_id, "open")["state"] == "open"


def test_a_draft_whose_closing_day_has_passed_is_given_another(board: Board) -> None:
    round_id = board.open(draft=True)
    with board.service.unit_of_work(Principal.service(board.tenant, board.org)) as uow:
        passed = {"closes_on": in_days(-2), "discussion_on": in_days(-1)}
        uow.session.execute(update(round_).where(round_.c.id == round_id).values(passed))
        uow.commit()
    lead, path = board.acting(board.lead), f"/v1/rounds/{round_id}"
    new = {"closes_on": in_days(5).isoformat(), "discussion_on": in_days(6).isoformat()}

    too_late = lead.post(f"{path}/open")
    renamed = lead.patch(path, {"name": "Autumn"}, if_match=1)
    in_the_past = lead.patch(path, {"closes_on": in_days(-1).isoformat()}, if_match=2)
    rescued = lead.patch(path, new, if_match=2)

    assert (too_late.status_code, renamed.status_code, in_the_past.status_code) == (422, 200, 422)
    assert (rescued.status_code, rescued.json["closes_on"]) == (200, new["closes_on"])
    assert board.do(board.lead, round_id, "open")["state"] == "open"


def test_a_closing_day_that_people_were_told_only_moves_by_an_extension(board: Board) -> None:
    round_id = board.open()

    refused = board.acting(board.lead).patch(
        f"/v1/rounds/{round_id}", {"closes_on": in_days(2).isoformat()}, if_match=2
    )

    assert (refused.status_code, refused.json["type"]) == (409, "/problems/not-possible-at-this-stage")
    assert board.service.events(event_types.ROUND_CHANGED, key=round_id) == []


def test_an_abandoned_draft_was_never_announced(board: Board) -> None:
    round_id = board.open(draft=True)

    view = board.do(board.lead, round_id, "abandon", {"reason": "Wrong year."})

    assert (view["state"], view["abandon_reason"], view["tasks"]) == ("abandoned", "Wrong year.", [])
    assert board.service.events(org=board.org) == []


def test_abandoning_tells_those_who_were_asked_and_keeps_the_reason_inside(board: Board) -> None:
    round_id = board.open()

    board.do(board.lead, round_id, "abandon", {"reason": "The trust is merging."})

    (told,) = board.service.events(event_types.ROUND_ABANDONED, key=round_id)
    assert told.data["respondent_ids"] == sorted(person.person_id for person in board.members)
    assert "merging" not in str(told)


def test_extending_gives_more_time_and_is_told(board: Board) -> None:
    round_id = board.open()

    view = board.do(board.secretary, round_id, "extend", {"closes_on": in_days(10).isoformat()})

    (told,) = board.service.events(event_types.ROUND_CHANGED, key=round_id)
    assert view["closes_on"] == in_days(10).isoformat()
    assert (told.data["changed"], told.data["closes_on"]) == (["closes_on"], in_days(10).isoformat())


@pytest.mark.parametrize("days", [7, 3, 30])
def test_an_extension_backwards_or_beyond_the_discussion_is_refused(board: Board, days: int) -> None:
    round_id = board.open()

    response = board.acting(board.lead).post(f"/v1/rounds/{round_id}/extend", {"closes_on": in_days(days).isoformat()})

    assert response.status_code == 422


def test_inviting_and_removing_are_told_with_the_people_concerned(board: Board) -> None:
    round_id = board.open(board.members[:5])
    late, leaver = board.members[5], board.members[0]

    board.do(board.lead, round_id, "respondents", {"respondents": [{"person_id": late.person_id, "executive": True}]})
    removed = board.acting(board.lead).delete(f"/v1/rounds/{round_id}/respondents/{leaver.person_id}")

    added_event, removed_event = board.service.events(event_types.ROUND_CHANGED, key=round_id)
    assert (added_event.data["added_ids"], added_event.data["invited"]) == ([late.person_id], 6)
    assert (removed_event.data["removed_ids"], removed_event.data["invited"]) == ([leaver.person_id], 5)
    assert removed.json["respondents"]["invited"] == 5
    assert board.acting(leaver).get(f"/v1/rounds/{round_id}/my-answers").status_code == 403


def test_a_change_of_people_tells_how_many_of_those_who_stay_have_finished(board: Board) -> None:
    round_id = board.open(board.members[:3])
    for member in board.members[:3]:
        board.answer(member, round_id, "i1", 3)
        board.do(member, round_id, "my-answers/finish")

    board.acting(board.lead).delete(f"/v1/rounds/{round_id}/respondents/{board.members[0].person_id}")

    told = board.service.events(event_types.ROUND_CHANGED, key=round_id)[-1]
    assert (told.data["invited"], told.data["finished"]) == (2, 2)


def test_the_last_two_cannot_be_removed_and_a_stranger_is_not_found(board: Board) -> None:
    round_id = board.open(board.members[:3])
    client = board.acting(board.lead)

    stranger = client.delete(f"/v1/rounds/{round_id}/respondents/{new_id()}")
    third = client.delete(f"/v1/rounds/{round_id}/respondents/{board.members[2].person_id}")
    last = client.delete(f"/v1/rounds/{round_id}/respondents/{board.members[0].person_id}")

    assert (stranger.status_code, third.status_code, last.status_code) == (404, 200, 422)


@pytest.mark.parametrize("times", [0, 2])
def test_an_invitation_names_somebody_and_nobody_twice(board: Board, times: int) -> None:
    round_id = board.open()
    named = [{"person_id": board.members[0].person_id}] * times

    response = board.acting(board.lead).post(f"/v1/rounds/{round_id}/respondents", {"respondents": named})

    assert (response.status_code, response.json["errors"][0]["field"]) == (422, "respondents")


def test_somebody_asked_again_finds_their_answers(board: Board) -> None:
    round_id = board.open()
    person = board.members[0]
    board.answer(person, round_id, "i1", 4)
    board.acting(board.lead).delete(f"/v1/rounds/{round_id}/respondents/{person.person_id}")

    board.do(board.lead, round_id, "respondents", {"respondents": [{"person_id": person.person_id}]})

    assert board.acting(person).get(f"/v1/rounds/{round_id}/my-answers").json["count"] == 1


def test_name_and_note_change_under_the_version_that_was_read(board: Board) -> None:
    round_id = board.open()
    client = board.acting(board.lead)
    version = client.get(f"/v1/rounds/{round_id}").json["version"]

    first = client.patch(f"/v1/rounds/{round_id}", {"name": "Spring review"}, if_match=version)
    second = client.patch(f"/v1/rounds/{round_id}", {"name": "Other name"}, if_match=version)

    assert (first.status_code, first.json["name"]) == (200, "Spring review")
    assert (second.status_code, second.json["current"]["name"]) == (412, "Spring review")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"level": 6, "cannot_judge": False}, "level"),
        ({"level": 0, "cannot_judge": False}, "level"),
        ({"level": 3, "cannot_judge": True}, "level"),
        ({"level": None, "cannot_judge": False}, "level"),
        ({"level": "3", "cannot_judge": False}, "level"),
        ({"level": 3, "cannot_judge": False, "why": "x" * 5_001}, "why"),
        ({"level": 3, "cannot_judge": False, "evidence": "x" * 5_001}, "evidence"),
        ({"level": 3, "cannot_judge": False, "person_id": "someone"}, "person_id"),
    ],
)
def test_a_wrong_answer_is_refused_and_names_the_field(board: Board, body: dict[str, Any], field: str) -> None:
    round_id = board.open()

    response = board.acting(board.members[0]).put(f"/v1/rounds/{round_id}/my-answers/i1", body, if_match=0)

    assert response.status_code == 422
    assert response.json["errors"][0]["field"] == field


def test_an_unknown_item_and_a_closed_round_refuse_answers(board: Board) -> None:
    round_id = board.open()
    client = board.acting(board.members[0])
    body = {"level": 3, "cannot_judge": False}

    unknown = client.put(f"/v1/rounds/{round_id}/my-answers/i9", body, if_match=0)
    board.close(round_id)
    closed = client.put(f"/v1/rounds/{round_id}/my-answers/i1", body, if_match=0)

    assert (unknown.status_code, unknown.json["errors"][0]["field"]) == (422, "item_id")
    assert (closed.status_code, closed.json["type"]) == (409, "/problems/not-possible-at-this-stage")


def test_who_was_not_asked_has_no_answers_to_give(board: Board) -> None:
    round_id = board.open()
    path = f"/v1/rounds/{round_id}/my-answers"

    response = board.acting(board.chair).put(f"{path}/i1", {"level": 3, "cannot_judge": False}, if_match=0)

    assert (response.status_code, response.json["type"]) == (403, "/problems/not-invited")
    assert board.acting(board.chair).get(path).status_code == 403


def test_nobody_has_finished_before_answering(board: Board) -> None:
    round_id = board.open()

    response = board.acting(board.members[0]).post(f"/v1/rounds/{round_id}/my-answers/finish")

    assert (response.status_code, response.json["type"]) == (409, "/problems/nothing-answered")


def test_the_list_of_rounds_goes_on_page_by_page(board: Board) -> None:
    made = [board.open(draft=True, name=f"Draft {number}") for number in range(3)]
    client = board.acting(board.members[0])

    first = client.get("/v1/rounds?limit=2").json
    second = client.get(f"/v1/rounds?limit=2&cursor={first['next']}").json

    assert [row["id"] for row in first["items"] + second["items"]] == made[::-1]
    assert second["next"] is None
    assert client.get("/v1/rounds?cursor=nonsense").status_code == 422
    assert client.get("/v1/rounds?colour=red").status_code == 422


def test_somebody_outside_the_board_sees_a_round_only_when_asked_to_answer_it(board: Board) -> None:
    icb = found_icb(board)
    owner, other = (board.service.world.person(icb.org, Role.ICB_LEAD) for _ in range(2))
    round_id = icb.open([*icb.members, owner])

    asked, not_asked = icb.acting(owner), icb.acting(other)

    assert [row["id"] for row in asked.get("/v1/rounds").json["items"]] == [round_id]
    assert asked.get(f"/v1/rounds/{round_id}").json["i_am_respondent"] is True
    assert asked.get(f"/v1/rounds/{round_id}/discussion").status_code == 403
    assert not_asked.get("/v1/rounds").json["items"] == []
    assert not_asked.get(f"/v1/rounds/{round_id}").status_code == 404


def test_a_secretary_invites_but_does_not_close(board: Board) -> None:
    secretary = board.acting(board.secretary)

    opened = secretary.post("/v1/rounds", board.invitation())
    closed = secretary.post(f"/v1/rounds/{opened.json['id']}/close")

    assert (opened.status_code, closed.status_code) == (201, 403)


def test_a_place_convenor_runs_and_signs_the_places_own(board: Board) -> None:
    place = found_board(board.service)
    convenor = board.service.world.person(place.org, Role.PLACE_CONVENOR)
    place.lead = place.chair = convenor

    round_id = place.signed_round()

    assert place.acting(convenor).get(f"/v1/rounds/{round_id}/result").json["result"]["signed"]["role"] == (
        "place-convenor"
    )
