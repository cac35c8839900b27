"""This service's settings, read once."""

import os
from collections.abc import Mapping

from shared.config import Environment, ServiceConfig, service_config
from shared.scanning import Scanner, scanner_of

SERVICE = "assessment"


def load(role: str = "web", values: Mapping[str, str] | None = None) -> ServiceConfig:
    """Read the settings of one role; raises MissingSetting naming the first that is absent."""
    return service_config(SERVICE, role, os.environ if values is None else values)


def load_scanner(config: ServiceConfig, values: Mapping[str, str] | None = None) -> Scanner:
    """Read which scanner looks at files (scheduler only); raises MissingSetting when none is named."""
    env = Environment(os.environ if values is None else values)
    return scanner_of(env.text("FILE_SCANNER"), config.mode)
