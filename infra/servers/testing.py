"""The servers that tests run on.

`make test` starts a profile once and names it in IMPACT_TEST_PROFILE. A bare `pytest` starts what it
needs in the profile `test` and leaves it running for the next time
(`python -m infra.servers down --profile test` stops it).
"""

from collections.abc import Iterable

from infra.servers.config import read_environment
from infra.servers.profile import Profile
from infra.servers.server import StepReport, say_nothing
from infra.servers.servers import NAMES, Servers

TEST_PROFILE = "test"


def servers_for_tests(only: Iterable[str] = NAMES, report: StepReport = say_nothing) -> Servers:
    """Running servers; `.settings` says how to reach them. Several test workers may call this at once."""
    servers = Servers(Profile(read_environment().test_profile or TEST_PROFILE), only=only)
    servers.start(report)
    return servers
