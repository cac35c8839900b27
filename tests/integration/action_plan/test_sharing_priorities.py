"""What the ICB reads of a plan: exactly what the preview showed, frozen, until it stops. Nothing else, ever."""

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import select

from services.action_plan import models
from shared.contracts import event_types
from shared.contracts.roles import Role
from shared.principal import Principal
from tests.integration.action_plan.planning_trusts import CHOSEN, PlanningTrust, found_trust


def sharing(trust: PlanningTrust, plan: dict[str, Any], *, share: bool = True) -> dict[str, Any]:
    response = trust.share(plan["id"], share=share)
    assert response.status_code == 200, response.json
    return dict(response.json)


def icb_reads(trust: PlanningTrust, tenant: str | None = None) -> list[dict[str, Any]]:
    lead = trust.service.world.person(tenant or trust.tenant, Role.ICB_LEAD)
    return list(trust.acting(lead).get("/v1/shared-plans").json["items"])


def test_the_icb_reads_what_the_preview_showed(trust: PlanningTrust) -> None:
    plan = trust.approved()
    trust.add(plan, next_step="CANARY next step")
    before = trust.acting(trust.chair).get(f"/v1/plans/{plan['id']}/sharing").json

    sharing(trust, plan)

    (shown,) = icb_reads(trust)
    assert (before["shared"], shown["content"]) == (False, before["preview"])
    assert (shown["org_id"], shown["plan_id"], shown["how_much"]) == (trust.org, plan["id"], "priorities")
    assert [each["title"] for each in shown["content"]["priorities"]] == [f"Move on: {item_id}" for item_id in CHOSEN]
    assert shown["content"]["priorities"][0]["action_counts"] == {"done": 0, "under_way": 1, "overdue": 0}
    assert "CANARY" not in str(shown)
    assert trust.owner.person_id not in str(shown)


def test_what_was_shared_is_frozen_until_it_is_shared_again(trust: PlanningTrust) -> None:
    plan = trust.approved()
    sharing(trust, plan)
    trust.change(trust.add(plan), status="done")

    frozen = icb_reads(trust)
    sharing(trust, plan)
    sharing(trust, plan)

    assert frozen[0]["content"]["priorities"][0]["action_counts"]["done"] == 0
    (renewed,) = icb_reads(trust)
    assert renewed["content"]["priorities"][0]["action_counts"]["done"] == 1
    assert [told["stop_code"] for told in trust.told(event_types.PLAN_SHARING_STOPPED)] == ["replaced"]
    assert len(trust.told(event_types.PLAN_SHARING_GRANTED)) == 2


def test_the_trust_is_shown_the_frozen_copy_beside_what_would_be_shared_now(trust: PlanningTrust) -> None:
    plan = trust.approved()
    before = trust.acting(trust.chair).get(f"/v1/plans/{plan['id']}/sharing").json
    sharing(trust, plan)
    trust.change(trust.add(plan), status="done")

    now = trust.acting(trust.chair).get(f"/v1/plans/{plan['id']}/sharing").json

    assert (before["shown"], before["state"]) == (None, "approved")
    (read,) = icb_reads(trust)
    assert now["shown"] == {"content": read["content"], "shared_at": read["shared_at"]}
    assert now["shown"]["content"] != now["preview"]
    assert sharing(trust, plan)["shown"]["content"] == now["preview"]
    assert sharing(trust, plan, share=False)["shown"] is None


def test_the_chair_shares_what_the_page_showed_and_nothing_that_changed_since(trust: PlanningTrust) -> None:
    plan = trust.approved()
    chair, path = trust.acting(trust.chair), f"/v1/plans/{plan['id']}/sharing"
    read = chair.get(path)
    trust.change(trust.add(plan), status="done")

    blind = chair.put(path, {"share_priorities": True})
    stale = chair.put(path, {"share_priorities": True}, if_match=read.json["version"])

    assert read.headers["ETag"] == f'"{read.json["version"]}"'
    assert (blind.status_code, blind.json["type"]) == (428, "/problems/version-required")
    assert (stale.status_code, stale.json["type"]) == (412, "/problems/stale-version")
    assert stale.json["current"]["preview"]["priorities"][0]["action_counts"]["done"] == 1
    assert icb_reads(trust) == []
    now = stale.json["current"]["version"]
    assert chair.put(path, {"share_priorities": True}, if_match=now).status_code == 200
    assert icb_reads(trust)[0]["content"] == stale.json["current"]["preview"]


def test_a_decision_is_not_undone_by_an_older_page(trust: PlanningTrust) -> None:
    plan = trust.approved()
    chair, path = trust.acting(trust.chair), f"/v1/plans/{plan['id']}/sharing"
    before = chair.get(path).json["version"]
    assert chair.get(path).json["version"] == before
    sharing(trust, plan)
    shared = chair.get(path).json["version"]
    trust.acting(trust.lead).post(f"{path}/propose")

    answers = [chair.put(path, {"share_priorities": False}, if_match=version) for version in (before, shared)]

    assert [answer.status_code for answer in answers] == [412, 412]
    assert len(icb_reads(trust)) == 1


def test_stopping_deletes_the_copy_and_says_so(trust: PlanningTrust) -> None:
    plan = trust.approved()
    sharing(trust, plan)

    after = sharing(trust, plan, share=False)
    sharing(trust, plan, share=False)

    assert icb_reads(trust) == []
    assert after["shared"] is False
    assert after["granted"][0]["stopped_by"] == trust.chair.person_id
    (granted,) = trust.told(event_types.PLAN_SHARING_GRANTED)
    (stopped,) = trust.told(event_types.PLAN_SHARING_STOPPED)
    assert (stopped["sharing_id"], stopped["stop_code"]) == (granted["sharing_id"], "organisation_stopped")
    assert granted["audience_tenant"] == trust.tenant


def test_who_looked_is_seen_by_the_trust(trust: PlanningTrust) -> None:
    plan = trust.approved()
    sharing(trust, plan)
    reader = trust.service.world.person(trust.tenant, Role.ICB_LEAD)

    for _ in range(2):
        trust.acting(reader).get("/v1/shared-plans")

    manager = trust.service.world.person(trust.org, Role.ACCESS_MANAGER)
    (seen,) = trust.acting(manager).get(f"/v1/plans/{plan['id']}/sharing").json["seen"]
    assert (seen["person_id"], seen["audience_tenant"]) == (reader.person_id, trust.tenant)
    assert seen["first_read_at"] < seen["last_read_at"]


def test_the_lead_proposes_and_nothing_is_shared_by_it(trust: PlanningTrust) -> None:
    plan = trust.approved()

    answer = trust.acting(trust.lead).post(f"/v1/plans/{plan['id']}/sharing/propose")

    assert answer.json["proposed_by"] == trust.lead.person_id
    (listed,) = trust.acting(trust.chair).get("/v1/plans").json["items"]
    assert listed["sharing_proposed_at"] == answer.json["proposed_at"]
    assert icb_reads(trust) == []
    assert len(trust.told(event_types.PLAN_SHARING_PROPOSED)) == 1
    assert sharing(trust, plan)["proposed_by"] is None


def test_a_plan_the_board_never_approved_is_not_shared(trust: PlanningTrust) -> None:
    plan = trust.prepared()

    refused = trust.share(plan["id"])

    assert (refused.status_code, refused.json["type"]) == (409, "/problems/not-approved")


def test_a_revision_in_progress_shows_the_icb_what_was_approved(trust: PlanningTrust) -> None:
    plan = trust.approved()
    trust.choose(plan, ("p5-daily", *CHOSEN))

    sharing(trust, plan)

    (shown,) = icb_reads(trust)
    assert [each["item_id"] for each in shown["content"]["priorities"]] == list(CHOSEN)


def test_the_next_plan_takes_the_place_of_the_one_that_was_shared(trust: PlanningTrust) -> None:
    first = trust.approved()
    sharing(trust, first)
    second = trust.approved()

    sharing(trust, second)

    assert [shown["plan_id"] for shown in icb_reads(trust)] == [second["id"]]
    (stopped,) = trust.service.events(event_types.PLAN_SHARING_STOPPED, org=trust.org)
    assert (stopped.key, stopped.data["stop_code"]) == (first["id"], "replaced")


def test_sharing_needs_a_fresh_second_factor(trust: PlanningTrust) -> None:
    plan = trust.approved()

    path, body = f"/v1/plans/{plan['id']}/sharing", {"share_priorities": True}

    weak = trust.acting(trust.chair, strong=False).put(path, body, if_match=0)

    assert (weak.status_code, weak.json["type"]) == (401, "/problems/step-up-required")
    assert icb_reads(trust) == []


def test_another_icb_reads_nothing(trust: PlanningTrust) -> None:
    sharing(trust, trust.approved())

    assert icb_reads(trust, trust.service.world.tenant()) == []


def test_after_a_move_the_old_icb_keeps_what_it_was_shown_and_the_new_one_sees_nothing(trust: PlanningTrust) -> None:
    plan = trust.approved()
    sharing(trust, plan)
    to_tenant = trust.service.world.tenant()
    moved = {"code": trust.org, "from_tenant": trust.tenant, "to_tenant": to_tenant, "effective_on": trust.in_days(0)}

    trust.service.deliver(event_types.ORGANISATION_MOVED, moved, org=trust.org, at=datetime.now(UTC))

    assert [shown["plan_id"] for shown in icb_reads(trust)] == [plan["id"]]
    assert icb_reads(trust, to_tenant) == []
    chair = trust.service.world.person(trust.org, Role.CHAIR)
    shared_anew = trust.share(plan["id"], chair=chair)
    assert shared_anew.status_code == 200, shared_anew.json
    assert [shown["plan_id"] for shown in icb_reads(trust, to_tenant)] == [plan["id"]]
    assert len(icb_reads(trust)) == 1


def test_the_plan_of_an_icb_has_nobody_to_be_shared_with(trust: PlanningTrust) -> None:
    world = trust.service.world
    icb = PlanningTrust(
        service=trust.service,
        tenant=trust.tenant,
        org=trust.tenant,
        lead=world.person(trust.tenant, Role.IMPROVEMENT_LEAD),
        chair=world.person(trust.tenant, Role.CHAIR),
        chief=world.person(trust.tenant, Role.CHIEF_EXECUTIVE),
        secretary=world.person(trust.tenant, Role.COMPANY_SECRETARY),
        member=world.person(trust.tenant, Role.BOARD_MEMBER),
        owner=world.person(trust.tenant, Role.ACTION_OWNER),
    )
    plan = icb.approved()

    refused = icb.share(plan["id"])

    assert (refused.status_code, refused.json["type"]) == (409, "/problems/no-audience")


WORK = (models.plan, models.plan_approval, models.priority, models.action, models.action_change, models.sharing_grant)


@pytest.mark.parametrize("table", WORK, ids=lambda table: table.name)
def test_no_principal_but_the_organisations_own_reads_a_work_row(trust: PlanningTrust, table: Any) -> None:
    plan = trust.approved()
    trust.add(plan)
    sharing(trust, plan)
    neighbour = found_trust(trust.service, tenant=trust.tenant)
    icb = trust.service.world.person(trust.tenant, Role.ICB_LEAD).principal()
    national = trust.service.world.national(Role.NATIONAL_ANALYST).principal()

    def rows(principal: Principal) -> int:
        with trust.service.unit_of_work(principal) as uow:
            return len(uow.session.execute(select(table).where(table.c.org_id == trust.org)).all())

    assert rows(trust.lead.principal()) > 0
    assert [rows(one) for one in (icb, national, neighbour.lead.principal())] == [0, 0, 0]
