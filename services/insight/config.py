"""This service's settings, read once."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, fields

from shared.config import Environment, ServiceConfig, service_config

SERVICE = "insight"


@dataclass(frozen=True, slots=True)
class InsightConfig(ServiceConfig):
    """A service's settings and the addresses of the two further logins: one that counts, one that reads cells."""

    aggregator_url: str
    national_url: str


def load(role: str = "web", values: Mapping[str, str] | None = None) -> InsightConfig:
    """Read the settings of one role; raises MissingSetting naming the first that is absent."""
    values = os.environ if values is None else values
    return with_further_logins(service_config(SERVICE, role, values), values)


def with_further_logins(config: ServiceConfig, values: Mapping[str, str] | None = None) -> InsightConfig:
    """Add the further logins to settings that lack them; raises MissingSetting when the environment does too."""
    if isinstance(config, InsightConfig):
        return config
    env = Environment(os.environ if values is None else values)
    given = {field.name: getattr(config, field.name) for field in fields(ServiceConfig)}
    return InsightConfig(
        **given,
        aggregator_url=env.text("AGGREGATOR_DATABASE_URL"),
        national_url=env.text("NATIONAL_DATABASE_URL"),
    )


def of_a_rebuild(values: Mapping[str, str] | None = None) -> tuple[ServiceConfig, ServiceConfig]:
    """Read the settings of the consumer and of the schema's owner, whose work a rebuild does; raises MissingSetting."""
    values = os.environ if values is None else values
    return service_config(SERVICE, "consumer", values), service_config(SERVICE, "migrate", values)
