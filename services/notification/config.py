"""This service's settings, read once."""

import os
from collections.abc import Mapping
from dataclasses import dataclass

from shared.config import Environment, ServiceConfig, service_config
from shared.service_token import ServiceAccount

SERVICE = "notification"


@dataclass(frozen=True, slots=True)
class MailSettings:
    """What only the scheduler needs: where addresses are asked for, as whom, and where bounces arrive."""

    directory_url: str
    account: ServiceAccount
    bounce_queue_url: str | None


def load(role: str = "web", values: Mapping[str, str] | None = None) -> ServiceConfig:
    """Read the settings of one role; raises MissingSetting naming the first that is absent."""
    return service_config(SERVICE, role, os.environ if values is None else values)


def mail_settings(values: Mapping[str, str] | None = None) -> MailSettings:
    """Read what the scheduler needs to send mail; raises MissingSetting naming the first that is absent."""
    env = Environment(os.environ if values is None else values)
    realm = f"{env.text('KEYCLOAK_ADMIN_URL')}/realms/{env.text('KEYCLOAK_REALM')}"
    return MailSettings(
        directory_url=env.text("DIRECTORY_URL"),
        account=ServiceAccount(
            token_url=f"{realm}/protocol/openid-connect/token",
            client_id=env.text("KEYCLOAK_CLIENT_ID"),
            client_secret=env.text("KEYCLOAK_CLIENT_SECRET"),
        ),
        bounce_queue_url=env.optional("BOUNCE_QUEUE_URL"),
    )
