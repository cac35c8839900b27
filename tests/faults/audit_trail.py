"""What the audit trails say of the time since a test began, read as their owner cannot: past all row policies."""

from collections.abc import Collection, Iterable

import psycopg

from shared import audit_seal
from shared.database import UnitOfWork
from shared.principal import NATIONAL_TENANT, Principal
from tests.faults.load import SERVICE_OF
from tests.faults.rig import Rig

NEWEST = "select coalesce(max(seq), 0) from {}.audit_entry"
DONE = "select request_id from {}.audit_entry where seq > %s and action = %s and org_id = any(%s) and outcome = 'done'"
REFUSED = "select request_id from {}.audit_entry where action = 'access.refused' and request_id = any(%s)"


class AuditTrail:
    """The trails of the services that take the load's commands; each request names the operation it carries."""

    def __init__(self, rig: Rig) -> None:
        self._rig = rig
        self._seen: dict[str, int] = {}

    def begin(self) -> None:
        """What is there by now is not the test's."""
        for service in SERVICE_OF.values():
            self._seen[service] = int(self._ask(NEWEST.format(service))[0])

    def done(self, service: str, action: str, trusts: Collection[str]) -> list[str]:
        """Return the operations of these trusts that were done, as the trail has it."""
        return self._ask(DONE.format(service), self._seen[service], action, sorted(set(trusts)))

    def refused(self, service: str, operations: Collection[str]) -> list[str]:
        """Return which of the operations were refused, as the trail has it."""
        return self._ask(REFUSED.format(service), list(operations))

    def broken_chains(self, service: str, tenants: Iterable[str]) -> dict[str, int]:
        """Seal a service's trail and return the first broken place of each tenant's chain that has one."""
        database = self._rig.database(service)
        principal = Principal.service(NATIONAL_TENANT, NATIONAL_TENANT)
        sealed = 1
        while sealed:
            with UnitOfWork(database, principal) as uow:
                sealed = audit_seal.seal(uow)
                uow.commit()
        broken = {}
        with UnitOfWork(database, principal) as uow:
            for tenant in sorted(set(tenants)):
                position = audit_seal.first_broken_position(uow, tenant)
                if position is not None:
                    broken[tenant] = position
        return broken

    def _ask(self, query: str, *values: object) -> list[str]:
        with psycopg.connect(self._rig.superuser) as connection:
            return [str(found) for (found,) in connection.execute(query.encode(), values or None)]
