"""What a service knows of the register: an organisation belongs to one tenant at a time, whatever is told again."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest
from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import create_engine, insert, select, text
from sqlalchemy.pool import NullPool

from infra.servers import ConnectionSettings
from services.insight.handlers import together
from services.insight.models import assessment_status
from shared import catalogue
from shared.batches import Batches
from shared.contracts import event_types as types
from shared.envelope import headers_for
from shared.handling import EventHandling, Outcome
from shared.ids import new_id
from shared.kafka import Record
from shared.mechanism import known_organisation, known_tenancy
from shared.mechanism_changes import end_doubled_tenancies
from shared.principal import NATIONAL_TENANT, Principal
from shared.testing.service_under_test import ServiceUnderTest
from shared.worker import parts_of

MOVED_AT = datetime(2026, 5, 4, 12, 34, tzinfo=UTC)


@dataclass
class Told:
    """A trust of whose moves insight is told as its consumer would be."""

    insight: ServiceUnderTest
    handling: EventHandling
    trust: str
    old: str
    new: str
    versions: dict[str, int] = field(default_factory=dict)

    def record(self, event_type: str, key: str, tenant: str, at: datetime, data: dict[str, Any]) -> Record:
        catalogue.check(event_type, data)
        topic = catalogue.topic_of(event_type).name
        self.versions[f"{topic}/{key}"] = version = self.versions.get(f"{topic}/{key}", 0) + 1
        fields = {
            "id": str(new_id()),
            "type": event_type,
            "source": "/services/test",
            "time": at.isoformat(),
            "tenant_id": tenant,
            "org_id": self.trust,
            "partition_key": key,
            "aggregate_version": str(version),
        }
        return Record(topic, 0, version, key.encode(), orjson.dumps(data), tuple(headers_for(fields)))

    def registered(self, tenant: str, *, valid_from: str, at: datetime, sector: str | None = None) -> None:
        data = {
            "code": self.trust, "name": f"{self.trust} (fictional)", "kind": "trust", "tenant": tenant,
            "region": "Y60", "sector": sector, "fictional": True, "valid_from": valid_from, "valid_to": None,
        }  # fmt: skip
        self.handling.handle(self.record(types.ORGANISATION_REGISTERED, self.trust, tenant, at, data))

    def moved(self, *, at: datetime, effective_on: str) -> None:
        data = {"code": self.trust, "from_tenant": self.old, "to_tenant": self.new, "effective_on": effective_on}
        self.handling.handle(self.record(types.ORGANISATION_MOVED, self.trust, self.old, at, data))

    def opened(self, at: datetime, tenant: str) -> Record:
        round_id = str(new_id())
        data = {
            "round_id": round_id, "question_set_id": "trust-2026-1", "audience": "trust", "opened_on": "2026-05-05",
            "closes_on": "2026-05-18", "discussion_on": None, "respondent_ids": [str(new_id())], "invited": 1,
        }  # fmt: skip
        return self.record(types.ROUND_OPENED, round_id, tenant, at, data)

    def tenants_of_rounds(self) -> set[str]:
        rounds = select(assessment_status.c.tenant_id).where(assessment_status.c.org_id == self.trust)
        found = set()
        for tenant in (self.old, self.new):
            with self.insight.unit_of_work(Principal.service(tenant, self.trust)) as uow:
                found |= set(uow.session.scalars(rounds))
        return found

    def tenancies(self) -> list[tuple[str, datetime, datetime | None]]:
        held = known_tenancy.c
        query = select(held.tenant_id, held.valid_from, held.valid_to).where(held.org_id == self.trust)
        with self.insight.unit_of_work(Principal.service(NATIONAL_TENANT, NATIONAL_TENANT)) as uow:
            return [tuple(row) for row in uow.session.execute(query.order_by(held.valid_from))]


@pytest.fixture
def told(insight: ServiceUnderTest) -> Told:
    """A trust registered in April of 2020, of one ICB."""
    handling = EventHandling(parts_of("insight", insight.config).registration(), insight.database)
    trust = Told(insight, handling, f"T{new_id().hex[-6:].upper()}", insight.world.tenant(), insight.world.tenant())
    trust.registered(trust.old, valid_from="2020-04-01", at=MOVED_AT - timedelta(days=100))
    return trust


def test_a_trust_told_afresh_after_its_move_belongs_to_one_tenant_still(told: Told) -> None:
    told.moved(at=MOVED_AT, effective_on="2026-05-04")
    before = told.tenancies()

    told.registered(told.new, valid_from="2026-05-04", at=MOVED_AT + timedelta(days=1), sector="acute")

    assert told.tenancies() == before
    assert [(tenant, until) for tenant, _, until in before] == [(told.old, MOVED_AT), (told.new, None)]
    later = told.opened(MOVED_AT + timedelta(days=2), told.new)
    assert told.handling.handle(later) is Outcome.HANDLED
    assert Batches(told.handling, together).handle([told.opened(MOVED_AT + timedelta(days=2), told.new)]) == []


def test_a_trust_that_moves_is_of_the_region_of_its_new_icb(told: Told) -> None:
    told.new = told.insight.world.tenant(region="Y61")
    region = select(known_organisation.c.region).where(known_organisation.c.org_id == told.trust)

    told.moved(at=MOVED_AT, effective_on="2026-05-04")

    with told.insight.unit_of_work(Principal.service(NATIONAL_TENANT, NATIONAL_TENANT)) as uow:
        assert uow.session.scalar(region) == "Y61"


def test_what_a_service_tells_before_it_has_heard_of_a_move_goes_to_the_new_icb(told: Told) -> None:
    told.moved(at=MOVED_AT, effective_on="2026-05-04")
    made_meanwhile = told.opened(MOVED_AT + timedelta(hours=2), told.old)
    together_with_it = told.opened(MOVED_AT + timedelta(hours=3), told.old)

    outcome = told.handling.handle(made_meanwhile)
    left = Batches(told.handling, together).handle([together_with_it])

    assert outcome is Outcome.HANDLED
    assert left == [together_with_it], "it would have been applied under the tenant it names"
    assert told.tenants_of_rounds() == {told.new}


def test_what_names_the_old_icb_a_day_after_the_move_is_not_believed(told: Told) -> None:
    told.moved(at=MOVED_AT, effective_on="2026-05-04")

    outcome = told.handling.handle(told.opened(MOVED_AT + timedelta(days=1, seconds=1), told.old))

    assert outcome is Outcome.PARKED


def test_a_move_counts_from_the_moment_it_was_recorded_on_a_summer_night_too(told: Told) -> None:
    half_past_midnight = datetime(2026, 5, 3, 23, 30, tzinfo=UTC)

    told.moved(at=half_past_midnight, effective_on="2026-05-04")

    assert [(tenant, since) for tenant, since, _ in told.tenancies()][1:] == [(told.new, half_past_midnight)]


def test_a_tenancy_begins_with_the_day_in_london(told: Told) -> None:
    assert told.tenancies() == [(told.old, datetime(2020, 3, 31, 23, tzinfo=UTC), None)]


def test_a_registration_told_again_late_does_not_undo_a_move(told: Told) -> None:
    told.moved(at=MOVED_AT, effective_on="2026-05-04")
    before = told.tenancies()

    told.registered(told.old, valid_from="2019-04-01", at=MOVED_AT - timedelta(days=50))

    assert told.tenancies() == before


def test_tenancies_doubled_before_are_removed_and_the_moves_own_stay(told: Told, servers: ConnectionSettings) -> None:
    told.moved(at=MOVED_AT, effective_on="2026-05-04")
    before = told.tenancies()
    again = {"org_id": told.trust, "tenant_id": told.new, "valid_from": MOVED_AT.replace(hour=0, minute=0)}
    with told.insight.unit_of_work(Principal.service(NATIONAL_TENANT, NATIONAL_TENANT)) as uow:
        uow.session.execute(insert(known_tenancy).values(again))
        uow.commit()

    name = told.insight.superuser_url.rsplit("/", 1)[-1]
    owner = create_engine(
        servers.postgres.dsn("migrate_insight", name, scheme="postgresql+psycopg"), poolclass=NullPool
    )
    with owner.begin() as connection:
        connection.execute(text("set role owner_insight"))
        end_doubled_tenancies(Operations(MigrationContext.configure(connection)))
        forced = connection.scalar(
            text("select relforcerowsecurity from pg_class where oid = 'known_tenancy'::regclass")
        )

    assert told.tenancies() == before
    assert forced
