"""This service's settings, read once."""

import os
from collections.abc import Mapping

from shared.config import ServiceConfig, service_config

SERVICE = "assessment"


def load(role: str = "web", values: Mapping[str, str] | None = None) -> ServiceConfig:
    """Read the settings of one role; raises MissingSetting naming the first that is absent."""
    return service_config(SERVICE, role, os.environ if values is None else values)
