"""The only place where the local servers read the environment."""

import os
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Environment:
    """What a user of this machine may say about it.

    artifact_repository: an organisation's own mirror of Maven Central (IMPACT_MAVEN_REPOSITORY).
    test_profile: a running profile that tests are to use (IMPACT_TEST_PROFILE).
    """

    artifact_repository: str | None
    test_profile: str | None


def read_environment() -> Environment:
    """Read the two optional settings."""
    return Environment(
        artifact_repository=os.environ.get("IMPACT_MAVEN_REPOSITORY") or None,
        test_profile=os.environ.get("IMPACT_TEST_PROFILE") or None,
    )
