"""Tenants' organizations at the identity provider, the groups that stand for roles in them, and who holds which."""

from dataclasses import dataclass
from typing import Any

from shared.identity_admin.accounts import Accounts
from shared.identity_admin.admin_api import AdminApi, IdentityProviderRefused, IdentityProviderUnavailable

CODE_ATTRIBUTE = "ods"


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A role held in an organization of a tenant; codes as in the register."""

    tenant: str
    organization: str
    role: str

    @property
    def path(self) -> str:
        """The group that stands for it."""
        return f"/{self.organization}/{self.role}"


class Places:
    """Verbs on organizations, their groups and their members."""

    def __init__(self, api: AdminApi, accounts: Accounts) -> None:
        self._api = api
        self._accounts = accounts

    def ensure_organization(self, tenant: str, name: str) -> str:
        """Return the id of a tenant's organization; make it, or give it its present name."""
        found = self._organization(tenant)
        if found is None:
            wanted = {"name": name, "alias": tenant.lower(), "enabled": True, "attributes": {CODE_ATTRIBUTE: [tenant]}}
            self._api.call("post", "/organizations", {**wanted, "domains": []}, accept=409)
            return self._organization_id(tenant)
        if found["name"] != name:
            # Without attributes in the body they would be lost, and with them the way to find it.
            whole = self._api.get(f"/organizations/{found['id']}")
            self._api.call("put", f"/organizations/{found['id']}", {**whole, "name": name})
        return str(found["id"])

    def ensure_group(self, place: Place) -> str:
        """Return the id of the group for a role; make it and the one above it where missing."""
        groups = f"/organizations/{self._organization_id(place.tenant)}/groups"
        known = self._group(groups, place.path)
        if known:
            return known
        top = f"/{place.organization}"
        if not self._group(groups, top):
            self._api.call("post", groups, {"name": place.organization}, accept=409)
        self._api.call("post", f"{groups}/{self._group(groups, top)}/children", {"name": place.role}, accept=409)
        made = self._group(groups, place.path)
        if not made:
            raise IdentityProviderUnavailable(f"The group {place.path} is not there yet.")
        return made

    def add(self, person_id: str, place: Place) -> None:
        """Give a person a role; the tenant's organization must exist."""
        account_id = self._accounts.id_of(person_id)
        group = self.ensure_group(place)
        organization = f"/organizations/{self._organization_id(place.tenant)}"
        # The body is the bare id; 409 says that the person is in already.
        self._api.call("post", f"{organization}/members", account_id, accept=409)
        self._api.call("put", f"{organization}/groups/{group}/members/{account_id}", accept=409)

    def remove(self, person_id: str, place: Place) -> None:
        """Take a role away, and the membership of the tenant with the last one; then end the sessions."""
        account_id = self._accounts.id_of(person_id)
        found = self._organization(place.tenant)
        if found:
            self._leave(f"/organizations/{found['id']}", account_id, place.path)
        self._accounts.sign_out(account_id)

    def held_by(self, person_id: str) -> set[Place]:
        """Return every role the person holds, to compare with what should be."""
        account_id = self._accounts.id_of(person_id)
        places = set()
        for organization in self._api.get(f"/organizations/members/{account_id}/organizations"):
            tenant = str(organization["alias"]).upper()
            for group in self._api.get(f"/organizations/{organization['id']}/members/{account_id}/groups"):
                code, separator, role = str(group["path"]).strip("/").partition("/")
                if separator:
                    places.add(Place(tenant, code, role))
        return places

    def _organization(self, tenant: str) -> dict[str, Any] | None:
        found = self._api.get("/organizations", {"q": f"{CODE_ATTRIBUTE}:{tenant}"})
        return next((dict(one) for one in found if one["alias"] == tenant.lower()), None)

    def _organization_id(self, tenant: str) -> str:
        found = self._organization(tenant)
        if found is None:
            raise IdentityProviderRefused(f"There is no organization for the tenant {tenant}.", 404)
        return str(found["id"])

    def _group(self, groups: str, path: str) -> str | None:
        answer = self._api.call("get", f"{groups}/group-by-path{path}", accept=404)
        return str(answer["id"]) if answer else None

    def _leave(self, organization: str, account_id: str, path: str) -> None:
        group = self._group(f"{organization}/groups", path)
        if group:
            self._api.call("delete", f"{organization}/groups/{group}/members/{account_id}", accept=404)
        member = self._api.call("get", f"{organization}/members/{account_id}", accept=404)
        if member and not self._api.get(f"{organization}/members/{account_id}/groups"):
            self._api.call("delete", f"{organization}/members/{account_id}", accept=404)
