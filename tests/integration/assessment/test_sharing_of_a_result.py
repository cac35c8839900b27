"""Nothing leaves the organisation unless its chair says so; what leaves is exactly what was previewed."""

from sqlalchemy import text

from shared.contracts import event_types
from shared.contracts.roles import Role
from shared.testing.service_under_test import ServiceUnderTest
from shared.testing.world import Person
from tests.integration.assessment.boards import Board, found_board, found_icb, today

NOTHING = {"share_summary": False, "count_us": False, "progress_visible": True}


def decide(board: Board, round_id: str, **wanted: bool) -> dict[str, object]:
    return board.do(board.chair, round_id, "sharing/decide", NOTHING | wanted)


def summaries(board: Board, person: Person) -> list[dict[str, object]]:
    return list(board.acting(person).get("/v1/shared-summaries").json["items"])


def test_signing_shares_nothing(board: Board, icb_lead: Person) -> None:
    board.signed_round()

    assert summaries(board, icb_lead) == []
    assert board.acting(board.lead).get("/v1/sharing").json["items"] == []


def test_a_proposal_shares_nothing_and_waits_for_the_chair(board: Board, icb_lead: Person) -> None:
    round_id = board.signed_round()

    view = board.acting(board.lead).put(f"/v1/rounds/{round_id}/sharing", {"share_summary": True, "count_us": False})

    (told,) = board.service.events(event_types.SHARING_PROPOSED, key=round_id)
    assert view.json["proposal"]["share_summary"] is True
    assert told.data["proposed"] == ["summary"]
    assert summaries(board, icb_lead) == []


def test_the_icb_reads_exactly_what_was_previewed_and_no_more(board: Board, icb_lead: Person) -> None:
    round_id = board.signed_round()
    preview = board.acting(board.chair).get(f"/v1/rounds/{round_id}/sharing").json["preview"]

    decide(board, round_id, share_summary=True)

    (shared,) = summaries(board, icb_lead)
    (told,) = board.service.events(event_types.SHARING_GRANTED, key=round_id)
    assert shared["content"] == preview
    assert [practice["level"] for practice in preview["practices"]] == [3, 3]
    assert (shared["org_id"], shared["fictional"]) == (board.org, True)
    for hidden in ("We talked about it", "i1", board.chair.person_id, "Item 7"):
        assert hidden not in str(shared)
    assert (told.data["what"], told.data["audience_tenant"]) == ("summary", board.tenant)
    assert board.acting(board.lead).get(f"/v1/rounds/{round_id}/sharing").json["proposal"] is None


def test_the_chair_decides_on_what_was_shown_and_on_nothing_that_changed_since(board: Board, icb_lead: Person) -> None:
    round_id = board.signed_round()
    chair, place = board.acting(board.chair), f"/v1/rounds/{round_id}/sharing"
    read = chair.get(place)
    corrected = {"revision": 1, "reason": "Wrong row.", "meeting_on": today().isoformat()}
    board.do(board.chief, round_id, "corrections", corrected | {"practices": [{"practice_id": "p1", "level": 1}]})

    blind = chair.post(f"{place}/decide", NOTHING | {"share_summary": True})
    stale = chair.post(f"{place}/decide", NOTHING | {"share_summary": True}, if_match=read.json["version"])

    assert read.headers["ETag"] == f'"{read.json["version"]}"'
    assert (blind.status_code, blind.json["type"]) == (428, "/problems/version-required")
    assert (stale.status_code, stale.json["type"]) == (412, "/problems/stale-version")
    assert stale.json["current"]["preview"]["practices"][0]["level"] == 1
    assert summaries(board, icb_lead) == []
    now = stale.json["current"]["version"]
    assert chair.post(f"{place}/decide", NOTHING | {"share_summary": True}, if_match=now).status_code == 200
    assert summaries(board, icb_lead)[0]["content"] == stale.json["current"]["preview"]


def test_every_change_of_what_a_decision_rests_on_makes_another_version(board: Board) -> None:
    round_id = board.signed_round()
    chair, place = board.acting(board.chair), f"/v1/rounds/{round_id}/sharing"
    versions = [chair.get(f"{place}{depth}").json["version"] for depth in ("", "?how_much=items_and_reasons")]

    board.acting(board.lead).put(place, {"share_summary": True, "count_us": False})
    versions.append(board.shown(round_id, "sharing/decide"))
    board.do(board.chair, round_id, "sharing/decide", NOTHING | {"share_summary": True, "count_us": True})
    versions.append(board.shown(round_id, "sharing/decide"))
    chair.put("/v1/progress-visibility", {"visible": False})
    versions.append(board.shown(round_id, "sharing/decide"))

    assert versions[0] == versions[1]
    assert len(set(versions)) == 4


def test_another_icb_sees_nothing_of_it(board: Board, service: ServiceUnderTest) -> None:
    round_id = board.signed_round()
    decide(board, round_id, share_summary=True)
    stranger = service.world.person(service.world.tenant(), Role.ICB_LEAD)

    assert summaries(board, stranger) == []
    assert board.acting(stranger).get(f"/v1/shared-summaries/{board.org}").status_code == 404


def test_the_icb_sees_neither_rounds_nor_results_of_a_trust(board: Board, icb_lead: Person) -> None:
    round_id = board.signed_round()
    decide(board, round_id, share_summary=True)
    client = board.acting(icb_lead)

    assert client.get(f"/v1/rounds/{round_id}").status_code == 404
    assert client.get("/v1/rounds").json["items"] == []
    with board.service.unit_of_work(icb_lead.principal()) as uow:
        for table in ("round", "respondent", "item_range", "agreement", "signed_result", "sharing_grant", "answer"):
            assert uow.session.execute(text(f"select count(*) from {table}")).scalar_one() == 0, table


def test_reading_is_seen_by_the_trust(board: Board, icb_lead: Person) -> None:
    round_id = board.signed_round()
    decide(board, round_id, share_summary=True)

    board.acting(icb_lead).get(f"/v1/shared-summaries/{board.org}")
    board.acting(icb_lead).get("/v1/shared-summaries")

    (seen,) = board.acting(board.members[0]).get(f"/v1/rounds/{round_id}/sharing").json["seen"]
    (listed,) = board.acting(board.chair).get("/v1/sharing").json["items"]
    assert (seen["audience_tenant"], seen["person_id"]) == (board.tenant, icb_lead.person_id)
    assert seen["last_read_at"] > seen["first_read_at"]
    assert listed["seen"] == [seen]


def test_the_icb_cannot_write_or_delete_what_was_shared(board: Board, icb_lead: Person) -> None:
    round_id = board.signed_round()
    decide(board, round_id, share_summary=True)

    with board.service.unit_of_work(icb_lead.principal()) as uow:
        changed = uow.session.execute(text("update shared_view set how_much = 'everything'"))
        removed = uow.session.execute(text("delete from shared_view"))
        uow.commit()

    assert (changed.rowcount, removed.rowcount) == (0, 0)  # type: ignore[attr-defined]
    assert len(summaries(board, icb_lead)) == 1


def test_stopping_deletes_the_copy_and_is_remembered(board: Board, icb_lead: Person) -> None:
    round_id = board.signed_round()
    granted = decide(board, round_id, share_summary=True)["granted"]
    grant_id = granted[0]["id"]  # type: ignore[index]

    for _ in range(2):
        stopped = board.acting(board.chair).post(f"/v1/sharing/{grant_id}/stop")
        assert stopped.status_code == 200

    (listed,) = board.acting(board.chair).get("/v1/sharing").json["items"]
    assert summaries(board, icb_lead) == []
    assert (listed["stopped_by"], listed["stopped_at"] is None) == (board.chair.person_id, False)
    assert len(board.service.events(event_types.SHARING_STOPPED, key=round_id)) == 1
    with board.service.unit_of_work(board.chair.principal()) as uow:
        assert uow.session.execute(text("select count(*) from shared_view")).scalar_one() == 0


def test_shared_again_after_a_stop_it_is_a_new_grant(board: Board, icb_lead: Person) -> None:
    round_id = board.signed_round()
    decide(board, round_id, share_summary=True)

    decide(board, round_id)
    decide(board, round_id, share_summary=True)

    assert len(summaries(board, icb_lead)) == 1
    assert board.acting(board.chair).get("/v1/sharing").json["count"] == 2


def test_deciding_the_same_again_changes_and_tells_nothing(board: Board) -> None:
    round_id = board.signed_round()
    decide(board, round_id, share_summary=True, count_us=True)
    before = board.service.events(org=board.org)

    decide(board, round_id, share_summary=True, count_us=True)

    assert board.service.events(org=board.org) == before


def test_count_us_gives_practice_levels_to_the_national_figures_and_nothing_else(
    board: Board, icb_lead: Person
) -> None:
    round_id = board.signed_round(level=4)

    decide(board, round_id, count_us=True)
    decide(board, round_id)

    made, stopped = board.service.events(key=board.org)
    assert (made.type, stopped.type) == (event_types.CONTRIBUTION_MADE, event_types.CONTRIBUTION_STOPPED)
    assert made.data["practices"] == [{"practice_id": "p1", "level": 4}, {"practice_id": "p2", "level": 4}]
    assert (made.aggregate_version, stopped.aggregate_version) == (1, 2)
    assert summaries(board, icb_lead) == []


def test_a_newer_result_takes_the_place_of_the_older_in_the_count(board: Board) -> None:
    first = board.signed_round()
    decide(board, first, count_us=True)
    second = board.signed_round(level=4)

    decide(board, second, count_us=True)

    assert [row.type for row in board.service.events(key=board.org)] == [event_types.CONTRIBUTION_MADE] * 2
    running = [item for item in board.acting(board.chair).get("/v1/sharing").json["items"] if not item["stopped_at"]]
    assert [item["round_id"] for item in running] == [second]


def test_progress_is_shown_until_the_chair_turns_it_off(board: Board) -> None:
    client = board.acting(board.chair)
    before = client.get("/v1/sharing").json["progress_visible"]

    for visible in (False, False, True):
        assert client.put("/v1/progress-visibility", {"visible": visible}).json == {"visible": visible}

    told = board.service.events(event_types.PROGRESS_VISIBILITY_CHANGED, key=board.org)
    assert before is True
    assert [event.data["visible"] for event in told] == [False, True]


def test_only_a_signed_result_can_be_shared(board: Board) -> None:
    round_id = board.agreed_round()

    proposed = board.acting(board.lead).put(f"/v1/rounds/{round_id}/sharing", {"share_summary": True, "count_us": True})
    shown = board.shown(round_id, "sharing/decide")
    decided = board.acting(board.chair).post(f"/v1/rounds/{round_id}/sharing/decide", NOTHING, if_match=shown)

    assert (proposed.status_code, decided.status_code) == (409, 409)
    assert board.acting(board.chair).get(f"/v1/rounds/{round_id}/sharing").json["preview"] is None


def test_deciding_needs_the_chair_and_a_fresh_second_factor(board: Board) -> None:
    round_id = board.signed_round()
    path = f"/v1/rounds/{round_id}/sharing/decide"

    assert board.acting(board.lead).post(path, NOTHING).status_code == 403
    assert board.acting(board.chief).post(path, NOTHING).status_code == 403
    assert board.acting(board.chair, strong=False).post(path, NOTHING).status_code == 401


def test_a_grant_of_another_organisation_cannot_be_stopped(board: Board) -> None:
    other = found_board(board.service, tenant=board.tenant)
    round_id = other.signed_round()
    grant = decide(other, round_id, share_summary=True)["granted"][0]  # type: ignore[index]

    response = board.acting(board.chair).post(f"/v1/sharing/{grant['id']}/stop")

    assert response.status_code == 404


def test_an_icbs_own_self_assessment_has_no_icb_above_it(service: ServiceUnderTest) -> None:
    board = found_board(service)
    icb = found_icb(board)
    round_id = icb.signed_round()

    for wanted in ("share_summary", "count_us"):
        path, shown = f"/v1/rounds/{round_id}/sharing/decide", icb.shown(round_id, "sharing/decide")
        response = icb.acting(icb.chair).post(path, NOTHING | {wanted: True}, if_match=shown)

        assert (response.status_code, response.json["type"]) == (409, "/problems/no-audience"), wanted
