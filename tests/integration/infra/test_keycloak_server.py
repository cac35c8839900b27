"""The local Keycloak answers under its own address and follows addresses that had to change."""

import dataclasses
from collections.abc import Iterator
from secrets import token_hex
from urllib.parse import urlsplit

import pytest
import requests

from infra.keycloak.admin_api import RealmAdmin
from infra.keycloak.config import from_environment
from infra.servers import ConnectionSettings, Servers
from infra.servers.realm import readdress_mail, realm_environment
from infra.servers.testing import servers_for_tests


@pytest.fixture(scope="module")
def keycloak_servers() -> Servers:
    """Return running servers, Keycloak among them."""
    return servers_for_tests(only=["postgres", "keycloak"])


@pytest.fixture
def small_realm(keycloak_servers: Servers) -> Iterator[RealmAdmin]:
    """Return a realm of this test's own that sends mail to a server that has moved away since."""
    keycloak = keycloak_servers.settings.keycloak
    name = f"mail-{token_hex(4)}"
    admin = RealmAdmin(keycloak.base_url, keycloak.admin_username, keycloak.admin_password, name)
    old = {"host": "127.0.0.1", "port": "1", "from": "no-reply@improve-together.example"}
    admin.import_realm({"realm": name, "enabled": True, "bruteForceProtected": True, "smtpServer": old})
    yield admin
    admin.delete_realm()


def discovery(settings: ConnectionSettings) -> dict[str, str]:
    address = f"{settings.keycloak.base_url}/realms/impact/.well-known/openid-configuration"
    return dict(requests.get(address, timeout=20).json())


def test_the_realm_is_there_under_the_address_that_tokens_name(keycloak_servers: Servers) -> None:
    settings = keycloak_servers.settings

    assert discovery(settings)["issuer"] == f"{settings.keycloak.base_url}/realms/impact"


def test_passkeys_belong_to_the_host_name_of_the_sign_in_pages(keycloak_servers: Servers) -> None:
    keycloak = keycloak_servers.settings.keycloak

    running = RealmAdmin(keycloak.base_url, keycloak.admin_username, keycloak.admin_password).get("")

    assert running["webAuthnPolicyPasswordlessRpId"] == urlsplit(keycloak.base_url).hostname
    assert running["webAuthnPolicyPasswordlessPasskeysEnabled"] is True


def test_a_realm_follows_its_mail_server_and_keeps_everything_else(
    keycloak_servers: Servers, small_realm: RealmAdmin
) -> None:
    settings = keycloak_servers.settings
    product = from_environment(realm_environment(keycloak_servers.profile, settings))
    wanted = dataclasses.replace(product, realm=small_realm.realm)

    first, second = readdress_mail(small_realm, wanted), readdress_mail(small_realm, wanted)

    running = small_realm.get("")
    assert (first, second) == (True, False)
    assert running["smtpServer"]["port"] == str(settings.smtp.port)
    assert running["smtpServer"]["from"] == "no-reply@improve-together.example"
    assert running["bruteForceProtected"] is True
