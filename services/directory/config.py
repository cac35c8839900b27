"""This service's settings, read once."""

import os
from collections.abc import Mapping
from dataclasses import dataclass

from shared.config import Environment, ServiceConfig, WorkIssuer, service_config, work_issuer

SERVICE = "directory"


@dataclass(frozen=True, slots=True)
class AccountsConfig:
    """How to reach the identity provider as the narrow provisioning account, and what its tokens call it."""

    url: str
    issuer: str
    realm: str
    client_id: str
    client_secret: str


def load(role: str = "web", values: Mapping[str, str] | None = None) -> ServiceConfig:
    """Read the settings of one role; raises MissingSetting naming the first that is absent."""
    return service_config(SERVICE, role, os.environ if values is None else values)


def load_accounts(values: Mapping[str, str] | None = None) -> AccountsConfig:
    """Read how accounts are reached (scheduler and web); raises MissingSetting naming the first that is absent."""
    env = Environment(os.environ if values is None else values)
    url, realm = env.text("KEYCLOAK_ADMIN_URL").rstrip("/"), env.text("KEYCLOAK_REALM")
    return AccountsConfig(
        url=url,
        issuer=env.text("OIDC_ISSUER", f"{url}/realms/{realm}"),
        realm=realm,
        client_id=env.text("KEYCLOAK_CLIENT_ID"),
        client_secret=env.text("KEYCLOAK_CLIENT_SECRET"),
    )


def load_work_issuer(values: Mapping[str, str] | None = None) -> WorkIssuer | None:
    """Read whose work accounts may be linked; None where there is no such issuer."""
    return work_issuer(os.environ if values is None else values)
