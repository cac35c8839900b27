"""Every service answers for its audit trail: the organisation's to its access manager, one's own to everybody else."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from shared import audit
from shared.clock import local_day
from shared.contracts.roles import Role
from shared.principal import NATIONAL_TENANT
from shared.testing.service_under_test import ServiceUnderTest
from shared.testing.world import Person

SERVICES = ("directory", "assessment", "action_plan", "competency_framework", "notification", "insight")


@pytest.fixture(params=SERVICES)
def service(request: pytest.FixtureRequest) -> ServiceUnderTest:
    """Return each service in turn."""
    found: ServiceUnderTest = request.getfixturevalue(request.param)
    return found


def done_by(service: ServiceUnderTest, person: Person, action: str, *, private: bool = False) -> None:
    with service.unit_of_work(person.principal()) as uow:
        audit.record(uow, action, "thing", "1", private=private)
        uow.commit()


def read(service: ServiceUnderTest, person: Person, **query: Any) -> list[dict[str, Any]]:
    answer = service.client(person).get("/v1/audit", query_string=query)
    assert answer.status_code == 200, answer.json
    return list(answer.json["items"])


def test_an_access_manager_reads_the_organisations_lines_and_nobody_elses(service: ServiceUnderTest) -> None:
    tenant = service.world.tenant()
    trust, neighbour = service.world.trust(tenant), service.world.trust(tenant)
    manager = service.world.person(trust, Role.ACCESS_MANAGER)
    member, stranger = (service.world.person(org, Role.BOARD_MEMBER) for org in (trust, neighbour))
    done_by(service, member, "trial.ours")
    done_by(service, stranger, "trial.theirs")

    assert [line["action"] for line in read(service, manager, about="trial")] == ["trial.ours"]
    assert [line["action"] for line in read(service, member, about="trial")] == ["trial.ours"]
    assert [line["action"] for line in read(service, stranger, about="trial")] == ["trial.theirs"]
    assert read(service, stranger, person_id=member.person_id) == []


def test_lines_about_a_private_act_are_their_authors_alone(service: ServiceUnderTest) -> None:
    trust = service.world.trust(service.world.tenant())
    member = service.world.person(trust, Role.BOARD_MEMBER)
    readers = [service.world.person(trust, role) for role in (Role.ACCESS_MANAGER, Role.CHAIR, Role.IMPROVEMENT_LEAD)]
    done_by(service, member, "trial.saved", private=True)

    assert [read(service, reader, about="trial") for reader in readers] == [[], [], []]
    assert [line["action"] for line in read(service, member, about="trial")] == ["trial.saved"]


def test_what_a_manager_did_elsewhere_is_no_line_of_this_organisation(service: ServiceUnderTest) -> None:
    tenant = service.world.tenant()
    here, elsewhere = service.world.trust(tenant), service.world.trust(tenant)
    manager = service.world.person(here, Role.ACCESS_MANAGER)
    abroad = Person(manager.person_id, tenant, elsewhere, manager.roles)
    done_by(service, abroad, "trial.elsewhere")

    assert read(service, manager, about="trial") == []


def test_the_trail_is_narrowed_by_person_thing_and_day(assessment: ServiceUnderTest) -> None:
    trust = assessment.world.trust(assessment.world.tenant())
    manager = assessment.world.person(trust, Role.ACCESS_MANAGER)
    one, two = (assessment.world.person(trust, Role.BOARD_MEMBER) for _ in range(2))
    done_by(assessment, one, "trial.first")
    done_by(assessment, two, "trial.second")
    done_by(assessment, two, "error.third")
    today = local_day(datetime.now(UTC))

    def found(**query: Any) -> set[str]:
        return {line["action"] for line in read(assessment, manager, **query)} - {"audit.read"}

    assert found(person_id=two.person_id) == {"trial.second", "error.third"}
    assert found(person_id=two.person_id, about="trial") == {"trial.second"}
    assert found(since=today.isoformat(), until=today.isoformat()) == {"trial.first", "trial.second", "error.third"}
    assert found(until=(today - timedelta(days=1)).isoformat()) == set()
    assert found(since=(today + timedelta(days=1)).isoformat()) == set()


def test_a_filter_that_is_none_is_refused(assessment: ServiceUnderTest) -> None:
    manager = assessment.world.person(assessment.world.trust(assessment.world.tenant()), Role.ACCESS_MANAGER)

    for query in ({"since": "yesterday"}, {"about": "trial.%"}, {"person_id": "x"}, {"org_id": NATIONAL_TENANT}):
        assert assessment.client(manager).get("/v1/audit", query_string=query).status_code == 422


def test_pages_follow_one_another_without_a_gap(assessment: ServiceUnderTest) -> None:
    trust = assessment.world.trust(assessment.world.tenant())
    manager, member = (assessment.world.person(trust, role) for role in (Role.ACCESS_MANAGER, Role.BOARD_MEMBER))
    for number in range(7):
        done_by(assessment, member, f"trial.number-{number}")

    seen, cursor = [], None
    while True:
        query = {"about": "trial", "limit": 3} | ({"cursor": cursor} if cursor else {})
        page = assessment.client(manager).get("/v1/audit", query_string=query).json
        seen += [line["action"] for line in page["items"]]
        if (cursor := page["next"]) is None:
            break

    assert seen == [f"trial.number-{number}" for number in reversed(range(7))]
