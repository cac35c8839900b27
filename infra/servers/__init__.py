"""Real servers on loopback, on a machine that has nothing but Python.

    from infra.servers import Profile, Servers

    servers = Servers(Profile("demo"))
    settings = servers.start(report)
    settings.postgres.dsn("app_assessment")

From a shell: `python -m infra.servers up --profile demo`.
"""

from infra.servers.connections import connection_settings
from infra.servers.profile import Profile
from infra.servers.servers import Servers
from infra.servers.settings import ConnectionSettings

__all__ = ["ConnectionSettings", "Profile", "Servers", "connection_settings"]
