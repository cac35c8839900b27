"""What directory says about the person of a session, kept in the session and asked again every five minutes."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from services.portal.api import ApiProblem, Call, ServiceAway, Transport
from services.portal.config import APIS
from services.portal.models import last_choice
from services.portal.person import Membership, Person, person_from
from services.portal.sessions import PortalSession
from services.portal.store import Store
from services.portal.tokens import TokenBroker
from shared.principal import NATIONAL_TENANT

ASK_AGAIN = timedelta(minutes=5)


class PeopleKnown:
    """Asks directory who somebody is and for whom they may act."""

    def __init__(self, store: Store, tokens: TokenBroker, transport: Transport) -> None:
        self._store = store
        self._tokens = tokens
        self._transport = transport

    def of(self, session: PortalSession, *, may_ask: bool) -> Person | None:
        """Return the person of a session, None when nobody signed in (or, unless `may_ask`, nothing is known yet).

        Raises SignInLost, IdentityAway or ServiceAway when directory must be asked and cannot be.
        """
        if session.person_id is None:
            return None
        me = session.get("me")
        if may_ask and (me is None or self._is_old(session)):
            me = self._ask(session, me)
        return person_from(me) if me else None

    def ask_again(self, session: PortalSession) -> None:
        """Let the next page ask directory: a service said that something changed."""
        session["me_read_at"] = None

    def _is_old(self, session: PortalSession) -> bool:
        read_at = session.get("me_read_at")
        return read_at is None or self._store.clock.now() - datetime.fromisoformat(read_at) > ASK_AGAIN

    def _ask(self, session: PortalSession, old: dict[str, Any] | None) -> dict[str, Any]:
        tenant, organisation = any_place(session.get("organizations") or {})
        try:
            token = self._tokens.token(session, tenant, APIS["directory"])
            headers = {"Authorization": f"Bearer {token}", "Acting-For": organisation}
            me: dict[str, Any] = self._transport.send("directory", Call("GET", "/me"), headers).json()
        except (ServiceAway, ApiProblem):
            if old is None:
                raise
            return old
        session["me"] = me
        session["me_read_at"] = self._store.clock.now().isoformat()
        return me

    def remember_choice(self, person_id: str, acting_org: str) -> None:
        """Remember for whom somebody acted last."""
        statement = insert(last_choice).values(person_id=person_id, acting_org=acting_org)
        statement = statement.on_conflict_do_update(index_elements=["person_id"], set_={"acting_org": acting_org})
        with self._store.transaction() as db:
            db.execute(statement)

    def first_choice(self, person: Person) -> Membership | None:
        """Return for whom to act after signing in: the only membership, else the last one used, else None (ask)."""
        if len(person.memberships) == 1:
            return person.memberships[0]
        with self._store.transaction() as db:
            query = select(last_choice.c.acting_org).where(last_choice.c.person_id == person.id)
            return person.membership(db.execute(query).scalar_one_or_none())


def any_place(organizations: Mapping[str, Any]) -> tuple[str | None, str]:
    """Return one (tenant, organisation) of a person's sign-in, to ask directory as; (None, national) without any.

    The identity provider gives `{alias: {"groups": ["/<code>/<role>", …]}}`.
    """
    for alias, content in sorted(organizations.items()):
        for group in sorted(content.get("groups", ())):
            if group.count("/") == 2:
                return alias.upper(), group.split("/")[1]
    return None, NATIONAL_TENANT
