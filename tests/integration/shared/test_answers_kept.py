"""Answers kept for repeated requests are forgotten once nobody repeats them any more."""

from datetime import timedelta

import psycopg
from sqlalchemy import select

from shared import idempotency
from shared.idempotency import KEPT_FOR
from shared.ids import new_id
from shared.mechanism import idempotency_key
from shared.principal import Principal
from shared.testing.service_under_test import ServiceUnderTest
from shared.worker import FORGET_ANSWERS


def answered(service: ServiceUnderTest, principal: Principal, key: str, ago: timedelta) -> None:
    """Keep an answer as a route does, so long ago."""
    with service.unit_of_work(principal) as uow:
        idempotency.claim(uow, "some.route", key, "print")
        idempotency.remember(uow, "some.route", key, 201, {"text": "what somebody wrote"})
        uow.commit()
    with psycopg.connect(service.superuser_url, autocommit=True) as superuser:
        statement = f"update {service.name}.idempotency_key set created_at = now() - %s where key = %s"
        superuser.execute(statement.encode(), [ago, key])


def kept(service: ServiceUnderTest, principal: Principal) -> set[str]:
    with service.unit_of_work(principal) as uow:
        return set(uow.session.execute(select(idempotency_key.c.key)).scalars())


def test_answers_are_forgotten_after_two_days_and_not_before(notification: ServiceUnderTest) -> None:
    trust = notification.world.trust()
    asker = Principal(str(new_id()), notification.world.tenant_of(trust), trust)
    answered(notification, asker, "old", KEPT_FOR + timedelta(minutes=1))
    answered(notification, asker, "new", KEPT_FOR - timedelta(minutes=1))

    FORGET_ANSWERS.run(lambda tenant, org: notification.unit_of_work(Principal.service(tenant, org)))

    assert kept(notification, asker) == {"new"}


def test_our_processes_see_no_answer_that_may_still_be_asked_for(notification: ServiceUnderTest) -> None:
    trust = notification.world.trust()
    tenant = notification.world.tenant_of(trust)
    answered(notification, Principal(str(new_id()), tenant, trust), "new", timedelta(0))

    assert "new" not in kept(notification, Principal.service(tenant, trust))


def test_more_than_fit_into_one_transaction_are_forgotten_too(notification: ServiceUnderTest) -> None:
    trust = notification.world.trust()
    asker = Principal(str(new_id()), notification.world.tenant_of(trust), trust)
    with psycopg.connect(notification.superuser_url, autocommit=True) as superuser:
        superuser.execute(
            b"insert into notification.idempotency_key (id, tenant_id, person_id, route, key, fingerprint, created_at)"
            b" select gen_random_uuid(), %s, %s, 'some.route', n::text, 'print', now() - interval '3 days'"
            b" from generate_series(1, %s) as n",
            [asker.tenant_id, asker.person_id, idempotency.AT_ONCE + 1],
        )

    FORGET_ANSWERS.run(lambda tenant, org: notification.unit_of_work(Principal.service(tenant, org)))

    assert kept(notification, asker) == set()
