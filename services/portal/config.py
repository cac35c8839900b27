"""The portal's settings, read once at start."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from shared.config import Environment, ServiceConfig, WorkIssuer, service_config, work_issuer

APIS: dict[str, str] = {
    "directory": "directory-api",
    "assessment": "assessment-api",
    "action_plan": "action-plan-api",
    "competency_framework": "competency-api",
    "notification": "notification-api",
    "insight": "insight-api",
}
"""Which token audience each service answers to."""


@dataclass(frozen=True, slots=True)
class PortalConfig:
    """Everything the portal needs; secrets have no default."""

    service: ServiceConfig
    base_url: str
    issuer: str
    client_id: str
    client_secret: str
    secret_key: str
    encryption_keys: tuple[str, ...]
    api_urls: Mapping[str, str]
    service_name: str
    help_contact: str
    work: WorkIssuer | None = None
    """Where people sign in with their employer's account, if anywhere."""

    @property
    def over_https(self) -> bool:
        """Whether people reach us over TLS, so that cookies and HSTS can insist on it."""
        return self.base_url.startswith("https://")

    @property
    def issuer_origin(self) -> str:
        """Scheme, host and port of the identity provider: where our forms may be redirected to."""
        parts = urlsplit(self.issuer)
        return f"{parts.scheme}://{parts.netloc}"

    @property
    def form_targets(self) -> list[str]:
        """Where our forms may be redirected to: the identity provider, and the issuer of work accounts."""
        work = urlsplit(self.work.authorize_url) if self.work else None
        return sorted({self.issuer_origin, *([f"{work.scheme}://{work.netloc}"] if work else [])})


def portal_config(role: str, values: Mapping[str, str]) -> PortalConfig:
    """Read the portal's settings; raises MissingSetting naming the first variable that is absent or wrong."""
    env = Environment(values)
    return PortalConfig(
        service=service_config("portal", role, values),
        base_url=env.text("PORTAL_URL", "http://localhost:8000").rstrip("/"),
        issuer=env.text("OIDC_ISSUER"),
        client_id=env.text("PORTAL_CLIENT_ID", "portal"),
        client_secret=env.text("PORTAL_CLIENT_SECRET"),
        secret_key=env.text("PORTAL_SECRET_KEY"),
        encryption_keys=tuple(env.text("PORTAL_ENCRYPTION_KEY").split(",")),
        api_urls={name: env.text(f"{name.upper()}_URL").rstrip("/") for name in APIS},
        service_name=env.text("SERVICE_NAME", "Improve Together"),
        help_contact=env.text("HELP_CONTACT", "help@improve-together.example"),
        work=work_issuer(values),
    )


def config_of_this_process() -> PortalConfig:
    """Read the settings of the web process from the environment; raises MissingSetting."""
    return portal_config("web", os.environ)
