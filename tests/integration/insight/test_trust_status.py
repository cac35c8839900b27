"""What an ICB sees of its trusts, built from events alone."""

from typing import Any

import pytest
from insight_story import Teller
from sqlalchemy import insert

from services.insight.models import assessment_status, plan_status
from shared.contracts.roles import Role
from shared.ids import new_id
from shared.principal import Principal
from shared.testing.service_under_test import Client, ServiceUnderTest


@pytest.fixture
def icb(insight: ServiceUnderTest) -> str:
    return insight.world.tenant()


@pytest.fixture
def lead(insight: ServiceUnderTest, icb: str) -> Client:
    return insight.client(insight.world.person(icb, Role.ICB_LEAD))


def rows(lead: Client) -> list[dict[str, Any]]:
    answer = lead.get("/v1/trust-status")
    assert answer.status_code == 200, answer.json
    assert answer.json["count"] == len(answer.json["items"])
    return answer.json["items"]


def stands(lead: Client) -> tuple[str, str, int]:
    """State, since when, and number of priorities of the plan that the first trust's row shows."""
    plan = rows(lead)[0]["plan"]
    return plan["state"], plan["since"], plan["priorities"]


def test_a_trust_that_never_began_is_listed(insight: ServiceUnderTest, icb: str, lead: Client) -> None:
    trust = insight.world.trust(icb)

    assert [(row["org_id"], row["stage"], row["plan"]) for row in rows(lead)] == [(trust, "not_started", None)]


def test_each_stage_shows_as_it_comes(insight: ServiceUnderTest, icb: str, lead: Client) -> None:
    teller = Teller(insight, insight.world.trust(icb))
    stages = []
    for happen in (teller.opened, teller.closed, teller.agreed, teller.sent_back, teller.agreed, teller.signed_off):
        happen()
        stages.append((rows(lead)[0]["stage"], rows(lead)[0]["stage_since"]))

    assert stages == [
        ("open", "2026-05-04"),
        ("closed", "2026-05-18"),
        ("agreed", "2026-06-01"),
        ("closed", "2026-06-02"),
        ("agreed", "2026-06-01"),
        ("signed_off", "2026-06-10"),
    ]


def test_dates_and_counts_of_people_show_and_nobody_is_named(insight: ServiceUnderTest, icb: str, lead: Client) -> None:
    teller = Teller(insight, insight.world.trust(icb))
    teller.opened(invited=9)
    teller.finished(4, invited=9)

    assert rows(lead)[0]["assessment"] == {
        "opened_on": "2026-05-04",
        "closes_on": "2026-05-18",
        "discussion_on": None,
        "invited": 9,
        "finished": 4,
    }


def test_people_who_finished_and_were_removed_are_not_counted_any_more(
    insight: ServiceUnderTest, icb: str, lead: Client
) -> None:
    teller = Teller(insight, insight.world.trust(icb))
    teller.opened(invited=5)
    teller.finished(5, invited=5)

    teller.changed(invited=4, finished=4)

    assert (rows(lead)[0]["assessment"]["finished"], rows(lead)[0]["assessment"]["invited"]) == (4, 4)


def test_a_change_told_without_a_count_leaves_the_count_as_it_was(
    insight: ServiceUnderTest, icb: str, lead: Client
) -> None:
    teller = Teller(insight, insight.world.trust(icb))
    teller.opened(invited=5)
    teller.finished(3, invited=5)

    teller.changed(invited=6)

    assert (rows(lead)[0]["assessment"]["finished"], rows(lead)[0]["assessment"]["invited"]) == (3, 6)


def test_a_plan_shows_its_state_and_three_counts(insight: ServiceUnderTest, icb: str, lead: Client) -> None:
    teller = Teller(insight, insight.world.trust(icb))
    teller.plan_drafted()
    teller.plan_approved(under_way=3)
    teller.action_done(done=1, under_way=1, overdue=1)

    assert rows(lead)[0]["plan"] == {
        "state": "approved",
        "since": "2026-06-20",
        "priorities": 3,
        "actions": {"done": 1, "under_way": 1, "overdue": 1},
    }


def test_an_approved_plan_shows_until_the_next_one_is_approved(
    insight: ServiceUnderTest, icb: str, lead: Client
) -> None:
    trust = insight.world.trust(icb)
    holds, later = Teller(insight, trust), Teller(insight, trust)
    holds.plan_drafted()
    holds.plan_approved(done=1, under_way=2, overdue=3)
    later.plan_drafted("2026-11-01")
    later.plan_drafted("2026-11-20", refreshed=True)
    beside_a_draft = rows(lead)[0]["plan"]
    later.plan_approved(under_way=5)
    holds.plan_closed("superseded")

    assert (beside_a_draft["state"], beside_a_draft["actions"]) == (
        "approved",
        {"done": 1, "under_way": 2, "overdue": 3},
    )
    assert rows(lead)[0]["plan"]["actions"] == {"done": 0, "under_way": 5, "overdue": 0}


def test_a_plan_that_was_approved_once_shows_while_its_revision_is_drafted(
    insight: ServiceUnderTest, icb: str, lead: Client
) -> None:
    trust = insight.world.trust(icb)
    holds, later = Teller(insight, trust), Teller(insight, trust)
    holds.plan_drafted()
    holds.plan_approved()
    holds.plan_revised(under_way=4)
    holds.plan_sent_back()
    later.plan_drafted("2026-11-01")

    assert rows(lead)[0]["plan"]["actions"] == {"done": 0, "under_way": 4, "overdue": 0}


def test_state_and_priorities_stay_as_approved_until_the_revision_is_approved(
    insight: ServiceUnderTest, icb: str, lead: Client
) -> None:
    plan = Teller(insight, insight.world.trust(icb))
    plan.plan_drafted()
    plan.plan_approval_requested()
    waiting = stands(lead)
    plan.plan_approved()
    plan.plan_revised(under_way=4)
    plan.plan_approval_requested(priorities=4)
    revision_waits = stands(lead)
    plan.plan_sent_back()
    sent_back = stands(lead)
    plan.plan_approval_requested(priorities=4)
    plan.plan_approved(day="2026-07-20", priorities=4)
    approved_again = stands(lead)
    plan.plan_closed()

    assert waiting == ("waiting_for_approval", "2026-06-26", 3)
    assert revision_waits == sent_back == ("approved", "2026-06-20", 3)
    assert approved_again == ("approved", "2026-07-20", 4)
    assert stands(lead) == ("closed", "2026-12-01", 4)


def test_a_draft_that_is_brought_back_is_a_draft_again(insight: ServiceUnderTest, icb: str, lead: Client) -> None:
    plan = Teller(insight, insight.world.trust(icb))
    plan.plan_drafted()
    plan.plan_closed("superseded")
    plan.plan_drafted("2026-11-20", refreshed=True)
    plan.plan_approval_requested(priorities=5)

    assert stands(lead) == ("waiting_for_approval", "2026-06-26", 5)


def test_a_draft_shows_when_the_plan_before_it_is_complete(insight: ServiceUnderTest, icb: str, lead: Client) -> None:
    trust = insight.world.trust(icb)
    earlier, later = Teller(insight, trust), Teller(insight, trust)
    earlier.plan_drafted()
    earlier.plan_approved()
    earlier.plan_closed()
    complete = rows(lead)[0]["plan"]
    later.plan_drafted("2026-11-01")

    assert (complete["state"], complete["since"]) == ("closed", "2026-12-01")
    assert (rows(lead)[0]["plan"]["state"], rows(lead)[0]["plan"]["since"]) == ("draft", "2026-11-01")


def test_a_draft_whose_levels_were_taken_back_does_not_show(insight: ServiceUnderTest, icb: str, lead: Client) -> None:
    trust = insight.world.trust(icb)
    first, second = Teller(insight, trust), Teller(insight, trust)
    first.plan_drafted()
    first.plan_closed("superseded", result_withdrawn=True)
    before = rows(lead)[0]["plan"]
    second.plan_drafted("2026-11-01")

    assert before is None
    assert rows(lead)[0]["plan"]["state"] == "draft"


def test_the_newest_self_assessment_shows_and_an_abandoned_one_does_not(
    insight: ServiceUnderTest, icb: str, lead: Client
) -> None:
    trust = insight.world.trust(icb)
    Teller(insight, trust).all_stages()
    second = Teller(insight, trust)
    second.opened(opened_on="2026-11-01")
    shown = rows(lead)[0]
    second.abandoned()

    assert (shown["stage"], shown["last_signed_off_on"]) == ("open", "2026-06-10")
    assert rows(lead)[0]["stage"] == "signed_off"


def test_a_correction_shows_beside_the_day_of_the_sign_off_which_it_does_not_move(
    insight: ServiceUnderTest, icb: str, lead: Client
) -> None:
    trust = insight.world.trust(icb)
    first, second = Teller(insight, trust), Teller(insight, trust)
    first.all_stages()
    before = rows(lead)[0]
    first.corrected("2026-07-12")
    corrected = rows(lead)[0]
    second.opened(opened_on="2026-11-01")
    answering = rows(lead)[0]
    second.signed_off("2026-12-01")

    shown = [(each["last_signed_off_on"], each["last_corrected_on"]) for each in (before, corrected, answering)]
    assert shown == [("2026-06-10", None), ("2026-06-10", "2026-07-12"), ("2026-06-10", "2026-07-12")]
    assert (rows(lead)[0]["last_signed_off_on"], rows(lead)[0]["last_corrected_on"]) == ("2026-12-01", None)


def test_a_trust_that_hides_its_progress_shows_its_name_and_nothing_else(
    insight: ServiceUnderTest, icb: str, lead: Client
) -> None:
    trust = insight.world.trust(icb)
    teller = Teller(insight, trust)
    teller.all_stages()
    teller.plan_drafted()
    teller.shared()
    teller.visible(False)

    assert rows(lead) == [
        {
            "org_id": trust,
            "name": f"{trust} (fictional)",
            "sector": "acute",
            "fictional": True,
            "member_since": "2020-01-01",
            "progress": "not_shared",
            "not_shared_since": "2026-06-15",
        }
    ]
    assert lead.get(f"/v1/trust-status/{trust}").json == rows(lead)[0]


def test_a_trust_that_shows_its_progress_again_is_back(insight: ServiceUnderTest, icb: str, lead: Client) -> None:
    teller = Teller(insight, insight.world.trust(icb))
    teller.all_stages()
    teller.visible(False)
    teller.visible(True)

    assert rows(lead)[0]["stage"] == "signed_off"


def test_what_is_shared_shows_until_it_stops(insight: ServiceUnderTest, icb: str, lead: Client) -> None:
    teller = Teller(insight, insight.world.trust(icb))
    summary = teller.shared("summary")
    teller.shared("priorities")
    teller.shared("summary", with_tenant="ZZOTHER")
    teller.shared("summary", until="2020-01-01")

    assert [(each["what"], each["since"]) for each in rows(lead)[0]["shared"]] == [
        ("priorities", "2026-06-12"),
        ("summary", "2026-06-12"),
    ]

    teller.stopped_sharing(summary)

    assert [each["what"] for each in rows(lead)[0]["shared"]] == ["priorities"]


def test_an_icb_sees_its_own_trusts_alone(insight: ServiceUnderTest, icb: str, lead: Client) -> None:
    own = insight.world.trust(icb)
    other = insight.world.trust()
    Teller(insight, other).all_stages()

    assert [row["org_id"] for row in rows(lead)] == [own]
    assert lead.get(f"/v1/trust-status/{other}").status_code == 404
    assert lead.get("/v1/trust-status/NOSUCH").json["type"] == lead.get(f"/v1/trust-status/{other}").json["type"]


def test_an_icb_follows_its_trusts_and_not_its_places(insight: ServiceUnderTest, icb: str, lead: Client) -> None:
    place = insight.world.place(icb)
    Teller(insight, place).all_stages()

    assert rows(lead) == []
    assert lead.get(f"/v1/trust-status/{place}").status_code == 404


def test_a_trust_sees_what_its_icb_sees(insight: ServiceUnderTest, icb: str, lead: Client) -> None:
    trust = insight.world.trust(icb)
    teller = Teller(insight, trust)
    teller.all_stages()
    teller.plan_drafted()
    teller.shared()
    neighbour = insight.client(insight.world.person(insight.world.trust(icb), Role.BOARD_MEMBER))
    member = insight.client(insight.world.person(trust, Role.BOARD_MEMBER))

    assert member.get("/v1/our-status").json == lead.get(f"/v1/trust-status/{trust}").json
    assert neighbour.get("/v1/our-status").json["stage"] == "not_started"


@pytest.mark.parametrize("role", [Role.IMPROVEMENT_LEAD, Role.CHAIR, Role.ACCESS_MANAGER])
def test_nobody_of_a_trust_lists_the_icbs_trusts(insight: ServiceUnderTest, icb: str, role: Role) -> None:
    person = insight.client(insight.world.person(insight.world.trust(icb), role))

    assert person.get("/v1/trust-status").status_code == 403


def test_the_national_team_sees_no_trusts_row(insight: ServiceUnderTest, icb: str) -> None:
    trust = insight.world.trust(icb)
    Teller(insight, trust).all_stages()
    analyst = insight.world.national(Role.NATIONAL_ANALYST)

    assert insight.client(analyst).get("/v1/trust-status").status_code == 403
    assert insight.client(analyst).get(f"/v1/trust-status/{trust}").status_code == 403
    with insight.unit_of_work(analyst.principal()) as uow:
        assert uow.session.execute(assessment_status.select()).all() == []


def test_a_trusts_person_reads_no_row_of_a_neighbour(insight: ServiceUnderTest, icb: str) -> None:
    Teller(insight, insight.world.trust(icb)).all_stages()
    person = insight.world.person(insight.world.trust(icb), Role.CHAIR)

    with insight.unit_of_work(person.principal()) as uow:
        assert uow.session.execute(assessment_status.select()).all() == []


def test_no_person_can_write_the_read_model(insight: ServiceUnderTest, icb: str) -> None:
    lead = insight.world.person(icb, Role.ICB_LEAD)
    Teller(insight, insight.world.trust(icb)).all_stages()

    with insight.unit_of_work(lead.principal()) as uow:
        changed = uow.session.execute(assessment_status.update().values(stage="open"))

    assert changed.rowcount == 0


def test_the_list_takes_one_statement_beside_principal_and_membership(
    insight: ServiceUnderTest, icb: str, lead: Client
) -> None:
    for _ in range(3):
        Teller(insight, insight.world.trust(icb)).all_stages()
    rows(lead)

    with insight.counted_statements() as statements:
        rows(lead)

    assert len(statements) == 3, statements


def test_two_hundred_trusts_cost_no_more_statements_than_three(
    insight: ServiceUnderTest, icb: str, lead: Client
) -> None:
    trusts = [insight.world.trust(icb) for _ in range(200)]
    with insight.unit_of_work(Principal.service(icb, icb)) as uow:
        stamp = {"tenant_id": icb, "version": 1, "changed_at": uow.now}
        for trust in trusts:
            for opened_on in ("2025-05-01", "2026-05-01"):
                status = {"round_id": str(new_id()), "org_id": trust, "stage": "signed_off", "opened_on": opened_on}
                uow.session.execute(insert(assessment_status).values(stamp | status))
            plan = {"plan_id": str(new_id()), "org_id": trust, "state": "approved", "drafted_on": "2026-06-01"}
            uow.session.execute(insert(plan_status).values(stamp | plan))
        uow.commit()

    with insight.counted_statements() as statements:
        listed = rows(lead)

    assert (len(listed), len(statements)) == (200, 3), statements
