"""What the portal's client may not do, and what the provisioning credential may not do."""

from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from infra.keycloak.scopes import API_AUDIENCES
from shared.testing.sign_in import Browser, TokenEndpoint, TokenRefused, challenge_of
from tests.security.identity.realm_under_test import RealmUnderTest

CHALLENGE = challenge_of("x" * 43)


def _error(page: requests.Response) -> str:
    return parse_qs(urlsplit(page.headers["Location"]).query)["error"][0]


def test_a_sign_in_without_pkce_is_refused(realm: RealmUnderTest) -> None:
    page = realm.portal.authorize(Browser(), scope="openid", code_challenge_method="")

    assert _error(page) == "invalid_request"


def test_plain_pkce_is_refused(realm: RealmUnderTest) -> None:
    page = realm.portal.authorize(Browser(), scope="openid", code_challenge="x" * 43, code_challenge_method="plain")

    assert _error(page) == "invalid_request"


@pytest.mark.parametrize("suffix", ["/elsewhere", "/../evil", "?next=https://evil.example", "#fragment"])
def test_no_other_address_gets_the_code(realm: RealmUnderTest, suffix: str) -> None:
    page = realm.portal.authorize(
        Browser(), scope="openid", code_challenge=CHALLENGE, redirect_uri=realm.callback + suffix
    )

    assert page.status_code == 400
    assert "Location" not in page.headers


@pytest.mark.parametrize("kind", ["token", "id_token token", "code id_token"])
def test_no_token_comes_through_the_browser(realm: RealmUnderTest, kind: str) -> None:
    page = realm.portal.authorize(Browser(), scope="openid", code_challenge=CHALLENGE, response_type=kind)

    assert "error=unauthorized_client" in page.headers["Location"]


GRANTS = {
    "password": {"username": "bola.member", "password": "whatever"},
    "client_credentials": {},
    "urn:ietf:params:oauth:grant-type:device_code": {"device_code": "x"},
    "urn:openid:params:grant-type:ciba": {"auth_req_id": "x"},
}


@pytest.mark.parametrize("grant", GRANTS)
def test_the_portal_has_no_other_way_to_a_token(realm: RealmUnderTest, grant: str) -> None:
    with pytest.raises(TokenRefused):
        realm.portal_endpoint.ask(grant_type=grant, **GRANTS[grant])


def test_the_portal_cannot_exchange_tokens(realm: RealmUnderTest) -> None:
    session = realm.sign_in("bola.member")

    with pytest.raises(TokenRefused):
        realm.portal_endpoint.ask(
            grant_type="urn:ietf:params:oauth:grant-type:token-exchange",
            subject_token=session.access_token,
            subject_token_type="urn:ietf:params:oauth:token-type:access_token",
            audience="assessment-api",
        )


def test_a_code_works_once_and_only_with_its_verifier(realm: RealmUnderTest) -> None:
    session = realm.sign_in("bianca.member")
    form = {"grant_type": "authorization_code", "redirect_uri": realm.callback}

    def code() -> str:
        page = realm.portal.authorize(session.browser, scope="openid", code_challenge=CHALLENGE)
        return parse_qs(urlsplit(page.headers["Location"]).query)["code"][0]

    with pytest.raises(TokenRefused, match="PKCE"):
        realm.portal_endpoint.ask(**form, code=code(), code_verifier="y" * 43)
    used = code()
    realm.portal_endpoint.ask(**form, code=used, code_verifier="x" * 43)
    with pytest.raises(TokenRefused, match="invalid_grant"):
        realm.portal_endpoint.ask(**form, code=used, code_verifier="x" * 43)


def test_a_wrong_client_secret_gets_nothing(realm: RealmUnderTest) -> None:
    with pytest.raises(TokenRefused) as refused:
        TokenEndpoint(realm.issuer, "notification-sender", "not the secret").ask(grant_type="client_credentials")

    assert refused.value.error == "unauthorized_client"


@pytest.mark.parametrize(
    "client", ["account", "account-console", "security-admin-console", "admin-cli", *API_AUDIENCES]
)
def test_nobody_signs_in_at_any_other_client(realm: RealmUnderTest, client: str) -> None:
    page = realm.portal.authorize(Browser(), client_id=client, scope="openid", code_challenge=CHALLENGE)

    assert page.status_code == 400 or _error(page) == "unauthorized_client"


@pytest.mark.parametrize("client", ["admin-cli", *API_AUDIENCES])
def test_no_other_client_takes_a_password(realm: RealmUnderTest, client: str) -> None:
    password, _ = realm.credentials("nora.analyst")
    form = {"grant_type": "password", "client_id": client, "username": "nora.analyst", "password": password}

    answer = requests.post(f"{realm.issuer}/protocol/openid-connect/token", data=form, timeout=20)

    assert answer.status_code in {400, 401}


FORBIDDEN: dict[str, tuple[str, str, object]] = {
    "read a national account": ("GET", "/users/{national}", None),
    "change a national account": ("PUT", "/users/{national}", {"enabled": False}),
    "delete a national account": ("DELETE", "/users/{national}", None),
    "set a national password": (
        "PUT",
        "/users/{national}/reset-password",
        {"type": "password", "value": "xxxxxxxxxxxxxxxxxxxx"},
    ),
    "read a national second factor": ("GET", "/users/{national}/credentials", None),
    "end a national session": ("POST", "/users/{national}/logout", {}),
    "mail a national account": ("PUT", "/users/{national}/execute-actions-email", ["UPDATE_PASSWORD"]),
    "put a national account into its group": ("PUT", "/users/{national}/groups/{group}", {}),
    "put a national account into a tenant": ("POST", "/organizations/{tenant}/members", "{national}"),
    "link a national account to a work account": (
        "POST",
        "/users/{national}/federated-identity/work-account",
        {"identityProvider": "work-account", "userId": "outside", "userName": "outside"},
    ),
    "make an account outside its group": ("POST", "/users", {"username": "outside-the-group", "enabled": True}),
    "give a national role": (
        "POST",
        "/users/{person}/role-mappings/realm",
        [{"id": "{role}", "name": "national-analyst"}],
    ),
    "give a group a national role": (
        "POST",
        "/groups/{group}/role-mappings/realm",
        [{"id": "{role}", "name": "national-analyst"}],
    ),
    "give itself administration": (
        "POST",
        "/users/{itself}/role-mappings/clients/{management}",
        [{"id": "{manage}", "name": "manage-users"}],
    ),
    "act as somebody": ("POST", "/users/{person}/impersonation", {}),
    "list the clients": ("GET", "/clients/{portal}", None),
    "read the portal's secret": ("GET", "/clients/{portal}/client-secret", None),
    "change the portal": ("PUT", "/clients/{portal}", {"redirectUris": ["*"]}),
    "change the realm": ("PUT", "", {"bruteForceProtected": False}),
    "read the keys": ("GET", "/keys", None),
    "add a key": ("POST", "/components", {"name": "rsa-2", "providerId": "rsa-generated"}),
    "read the events": ("GET", "/events", None),
    "read what administrators did": ("GET", "/admin-events", None),
    "make a role": ("POST", "/roles", {"name": "made-by-the-provisioner"}),
    "make a group": ("POST", "/groups", {"name": "made-by-the-provisioner"}),
    "broker another issuer": ("POST", "/identity-provider/instances", {"alias": "x", "providerId": "oidc"}),
    "change how people sign in": ("PUT", "/authentication/flows/impact%20browser/executions", {}),
    "export the realm": ("POST", "/partial-export?exportClients=true", {}),
    "sign everybody out": ("POST", "/logout-all", {}),
    "delete the realm": ("DELETE", "", None),
    "look at the master realm": ("GET", "/../master/users", None),
}


@pytest.fixture(scope="module")
def ids(realm: RealmUnderTest) -> dict[str, str]:
    """Return the ids that the forbidden calls are about."""
    management = realm.admin.client("realm-management")["id"]
    users = {
        name: realm.admin.get("/users", username=username, exact="true")[0]["id"]
        for name, username in (("national", "noor.admin"), ("person", "bola.member"))
    }
    provisioner = realm.admin.client("directory-provisioner")["id"]
    return {
        **users,
        "itself": realm.admin.get(f"/clients/{provisioner}/service-account-user")["id"],
        "group": realm.admin.get("/groups", search="tenant-users")[0]["id"],
        "tenant": realm.admin.get("/organizations", q="ods:XNV01")[0]["id"],
        "role": realm.admin.get("/roles/national-analyst")["id"],
        "management": management,
        "manage": realm.admin.get(f"/clients/{management}/roles/manage-users")["id"],
        "portal": realm.admin.client("portal")["id"],
    }


@pytest.mark.parametrize("call", FORBIDDEN)
def test_the_provisioning_credential_may_not(realm: RealmUnderTest, ids: dict[str, str], call: str) -> None:
    method, path, body = FORBIDDEN[call]
    address = f"/realms/{realm.settings.realm}{_filled(path, ids)}"

    answer = realm.as_provisioner(method, address, _filled(body, ids))

    assert answer.status_code == 403, answer.text


def test_the_provisioning_credential_does_not_see_national_accounts(realm: RealmUnderTest) -> None:
    answer = realm.as_provisioner("GET", f"/realms/{realm.settings.realm}/users?search=noor")

    assert answer.json() == []


def test_roles_in_the_body_of_a_new_account_are_ignored(realm: RealmUnderTest) -> None:
    names = {"username": "hopeful", "email": "hopeful@demo.example", "firstName": "Hope", "lastName": "Ful"}
    body = {**names, "enabled": True, "groups": ["/tenant-users"], "realmRoles": ["national-administrator"]}

    answer = realm.as_provisioner("POST", f"/realms/{realm.settings.realm}/users", body)

    assert answer.status_code == 201
    account = realm.admin.get("/users", username="hopeful", exact="true")[0]
    roles = realm.admin.get(f"/users/{account['id']}/role-mappings/realm")
    assert [role["name"] for role in roles] == [f"default-roles-{realm.settings.realm}"]


def _filled(part: object, ids: dict[str, str]) -> object:
    if isinstance(part, str):
        for name, value in ids.items():
            part = part.replace("{" + name + "}", value)
        return part
    if isinstance(part, list):
        return [_filled(inner, ids) for inner in part]
    if isinstance(part, dict):
        return {key: _filled(value, ids) for key, value in part.items()}
    return part
