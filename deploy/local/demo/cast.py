"""Who plays: signs the demonstration's people in at Keycloak and puts each at the keyboard for an organisation."""

from __future__ import annotations

from collections.abc import Collection
from threading import Lock

from deploy.local.demo.actor import Actor
from deploy.local.demo.people import demo_secret
from deploy.local.environment import REALM, client_secret, portal_url
from infra.keycloak.clients import CALLBACK_PATH, PORTAL
from infra.keycloak.demo_people import Demonstration, DemoOrganisation, DemoPerson, credentials_of, load
from infra.servers import ConnectionSettings, Profile
from shared.testing.sign_in import OneTimeCodes, Session, SignInClient

NATIONAL = "NATIONAL"


class Cast:
    """Everybody of the demonstration; each signs in once, with password and one-time code, and stays signed in."""

    def __init__(self, profile: Profile, servers: ConnectionSettings, *, codes: OneTimeCodes | None = None) -> None:
        self.demonstration: Demonstration = load()
        self._profile = profile
        self._secret = demo_secret(profile)
        self._issuer = f"{servers.keycloak.base_url}/realms/{REALM}"
        self._codes = codes or OneTimeCodes()
        self._sessions: dict[str, Session] = {}
        self._lock = Lock()

    def act(self, username: str, organisation: str) -> Actor:
        """The person acting for that organisation, signed in."""
        tenant = self.tenant_of(organisation)
        session = self.session(username)
        return Actor(self._profile, username, organisation, lambda audience: session.token(audience, tenant))

    def act_nationally(self, username: str) -> Actor:
        """A person of the national team; the token names no tenant."""
        session = self.session(username)
        return Actor(self._profile, username, NATIONAL, session.token)

    def tenant_of(self, organisation: str) -> str:
        for known in self.demonstration.organisations:
            if known.code == organisation:
                return known.tenant
        return organisation

    def trusts(self) -> list[DemoOrganisation]:
        return [each for each in self.demonstration.organisations if each.kind == "trust"]

    def of(self, organisation: str, roles: Collection[str] | None = None) -> list[DemoPerson]:
        """Everybody who holds a role there, or one of these."""
        return [
            person
            for person in self.demonstration.people
            for held in person.memberships
            if held.organisation == organisation and (roles is None or set(roles) & set(held.roles))
        ]

    def board_of(self, organisation: str) -> list[tuple[DemoPerson, bool]]:
        """Everybody who answers for the board, each with whether they are an executive."""
        return [
            (person, membership.executive)
            for person in self.demonstration.people
            for membership in person.memberships
            if membership.organisation == organisation and membership.executive is not None
        ]

    def session(self, username: str) -> Session:
        """Return the person's sign-in; each signs in once."""
        with self._lock:
            known = self._sessions.get(username)
        if known is None:
            password, otp_secret = credentials_of(username, self._secret)
            door = self._door()
            by_work = self.demonstration.person(username).work_account
            come_in = door.sign_in_with_work_account if by_work else door.sign_in
            known = come_in(username, password, otp_secret)
            with self._lock:
                self._sessions[username] = known
        return known

    def _door(self) -> SignInClient:
        callback = f"{portal_url(self._profile)}{CALLBACK_PATH}"
        secret = client_secret(self._profile, PORTAL)
        return SignInClient(self._issuer, PORTAL, secret, callback, codes=self._codes)
