"""Accounts of the national team and of operators, set up by the server's administrator.

They are outside what the directory may provision, on purpose: whoever can make a national administrator can see and do
what no tenant may. The person id comes from the directory, which lists the person before the account exists.
"""

from dataclasses import dataclass

from infra.keycloak.admin_api import RealmAdmin
from infra.keycloak.clients import CALLBACK_PATH, PORTAL
from infra.keycloak.config import RealmSettings
from infra.keycloak.realm import INVITATION_SECONDS
from infra.keycloak.roles import RoleList

SETUP_ACTIONS = ["UPDATE_PASSWORD", "CONFIGURE_TOTP"]


class NotANationalRole(ValueError):
    """Roles inside organisations are granted in the service, never here."""


@dataclass(frozen=True, slots=True)
class NationalPerson:
    """Somebody who gets a role of the realm."""

    person_id: str
    email: str
    first_name: str
    last_name: str
    role: str


def appoint(admin: RealmAdmin, settings: RealmSettings, person: NationalPerson) -> str:
    """Make the account if there is none, give it the role, mail the set-up link; return the account's id.

    Raises NotANationalRole. Repeating it sends the link again and changes nothing else.
    """
    if person.role not in RoleList().of_people:
        raise NotANationalRole(f"{person.role} is not a role of the realm: one of {', '.join(RoleList().of_people)}.")
    found = admin.get("/users", q=f"person_id:{person.person_id}")
    account = str(found[0]["id"]) if found else _make(admin, person)
    admin.post(f"/users/{account}/role-mappings/realm", [admin.get(f"/roles/{person.role}")])
    back = f"client_id={PORTAL}&redirect_uri={settings.portal_url}{CALLBACK_PATH}&lifespan={INVITATION_SECONDS}"
    admin.put(f"/users/{account}/execute-actions-email?{back}", SETUP_ACTIONS)
    return account


def _make(admin: RealmAdmin, person: NationalPerson) -> str:
    address = person.email.lower()
    account = {
        "username": address,
        "email": address,
        "firstName": person.first_name,
        "lastName": person.last_name,
        "enabled": True,
        "attributes": {"person_id": [person.person_id]},
        "requiredActions": SETUP_ACTIONS,
    }
    return admin.post("/users", account)
