"""Audit trails to test with: lines of one organisation, sealed, and ways past the rules that keep them."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg

from shared import audit, audit_seal
from shared.ids import new_id
from shared.principal import NATIONAL_TENANT, Principal
from shared.testing.service_under_test import ServiceUnderTest

US = Principal.service(NATIONAL_TENANT, NATIONAL_TENANT)
BESIDE_THE_RULES = "-c session_replication_role=replica"
"""What a superuser alone may say: triggers stay silent."""


def lay(service: ServiceUnderTest, length: int) -> Principal:
    """Write and seal `length` lines of an organisation in a tenant of its own; return who wrote them."""
    trust = service.world.trust()
    principal = Principal(str(new_id()), service.world.tenant_of(trust), trust)
    add(service, principal, length)
    return principal


def add(service: ServiceUnderTest, principal: Principal, length: int) -> None:
    """Write and seal so many more lines."""
    for number in range(length):
        with service.unit_of_work(principal) as uow:
            audit.record(uow, f"deed.{number}")
            uow.commit()
    seal(service)


def seal(service: ServiceUnderTest) -> None:
    """Seal all that is not sealed yet."""
    with service.unit_of_work(US) as uow:
        while audit_seal.seal(uow):
            pass
        uow.commit()


@contextmanager
def tampering(service: ServiceUnderTest) -> Iterator[psycopg.Connection[Any]]:
    """Yield a connection that no rule of the trail holds back."""
    with psycopg.connect(service.superuser_url, autocommit=True, options=BESIDE_THE_RULES) as connection:
        yield connection
