"""The realm from a shell:

$ python -m infra.keycloak render <folder>     write <folder>/<realm>-realm.json, for Keycloak's first start
$ python -m infra.keycloak code <username>     print a demonstration person's password and one-time code
$ python -m infra.keycloak drift <address>     compare a running realm with what would be rendered
"""

import argparse
import json
import os
import sys
import time
from pathlib import Path

from infra.keycloak import drift
from infra.keycloak.config import RealmSettings, from_environment
from infra.keycloak.demo_people import credentials_of, load, one_time_code
from infra.keycloak.realm import render
from shared.config import MissingSetting


def write_realm(settings: RealmSettings, folder: Path) -> Path:
    """Write the realm file, readable by its owner alone because it holds secrets; return its path."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{settings.realm}-realm.json"
    path.unlink(missing_ok=True)
    path.touch(mode=0o600)
    path.write_text(json.dumps(render(settings), indent=1, ensure_ascii=False))
    return path


def _code(username: str) -> int:
    try:
        load().person(username)
    except KeyError:
        print(f"Nobody in the demonstration is called {username}.", file=sys.stderr)
        return 1
    secret = from_environment(os.environ).demo_secret
    if secret is None:
        print("A production realm has no demonstration people.", file=sys.stderr)
        return 1
    password, otp_secret = credentials_of(username, secret)
    print(f"password {password}  code {one_time_code(otp_secret, time.time())}")
    return 0


def main(arguments: list[str] | None = None) -> int:
    """Run one command; return 0 when all is well, 1 when something differs or is missing."""
    parser = argparse.ArgumentParser(prog="python -m infra.keycloak")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("render").add_argument("folder", type=Path)
    commands.add_parser("code").add_argument("username")
    commands.add_parser("drift").add_argument("address")
    given = parser.parse_args(arguments)
    try:
        if given.command == "render":
            print(write_realm(from_environment(os.environ), given.folder))
            return 0
        if given.command == "code":
            return _code(given.username)
        return drift.report(given.address, from_environment(os.environ), os.environ)
    except MissingSetting as error:
        print(error, file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
