"""Where the directory acts by itself.

Giving and ending a role touches what no person's principal may write: the appointment, the copy of memberships that the
access check reads, and the event counter of a person who may act under several tenants. So, after the rules have been
checked under the caller's principal, the same transaction goes on as the directory itself, for one named organisation,
and comes back. One transaction, so that the effect, its event, its audit row and the answer kept under an idempotency
key live or die together.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from shared.database import UnitOfWork
from shared.principal import Scope


@contextmanager
def own_hand(uow: UnitOfWork, tenant_id: str, org_id: str) -> Iterator[None]:
    """Go on as the directory, for `org_id` in `tenant_id`; the person who asked stays the actor of events and audit.

    An error rolls the transaction back, so that nothing whatever goes on with our rights.
    """
    caller = uow.principal
    uow.principal = replace(caller, tenant_id=tenant_id, org_id=org_id, scope=Scope.SERVICE)
    uow.session.bind(uow.principal)
    try:
        yield
    except BaseException:
        uow.principal = caller
        uow.session.rollback()
        raise
    uow.principal = caller
    uow.session.bind(caller)
