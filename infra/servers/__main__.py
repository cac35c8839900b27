"""The local servers from a shell:

python -m infra.servers up     --profile demo [--only postgres,kafka]
python -m infra.servers down   --profile demo
python -m infra.servers status --profile demo
python -m infra.servers reset  --profile demo --only keycloak     stop and forget the data
python -m infra.servers dsn app_assessment --profile demo         print one role's address
"""

import argparse
import sys

from infra.servers.artifacts import ArtifactUnavailable, CorruptArtifact
from infra.servers.processes import ServerFailed
from infra.servers.profile import Profile, UnusableProfile
from infra.servers.progress import DownloadBar
from infra.servers.servers import NAMES, Servers, UnknownServer

EXPECTED = (ArtifactUnavailable, CorruptArtifact, ServerFailed, UnusableProfile, UnknownServer)


def print_step(step: str, seconds: float) -> None:
    """One line a step."""
    print(f"  {step:<42}{seconds:6.1f} s", flush=True)


def print_status(servers: Servers) -> None:
    """One line a server."""
    for server in servers.status():
        state = f"running, pid {server.pid}, {server.resident_mb} MB" if server.running else "not running"
        print(f"  {server.name:<10} port {server.port}  {state}")


def run(given: argparse.Namespace) -> None:
    """Do what the command line says."""
    servers = Servers(Profile(given.profile), only=given.only.split(","), progress=DownloadBar())
    match given.command:
        case "up":
            servers.start(print_step)
            print_status(servers)
        case "down":
            servers.stop(print_step)
        case "reset":
            servers.reset(print_step)
        case "status":
            print_status(servers)
        case _:
            print(servers.settings.postgres.dsn(given.role, given.database))


def main(arguments: list[str] | None = None) -> int:
    """Return 0, or 1 after saying what went wrong."""
    parser = argparse.ArgumentParser(prog="python -m infra.servers")
    commands = parser.add_subparsers(dest="command", required=True)
    for name in ("up", "down", "status", "reset", "dsn"):
        command = commands.add_parser(name)
        command.add_argument("--profile", default="dev")
        command.add_argument("--only", default=",".join(NAMES), help="comma-separated")
        if name == "dsn":
            command.add_argument("role")
            command.add_argument("--database")
    try:
        run(parser.parse_args(arguments))
    except EXPECTED as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
