"""The realm from a shell; settings come from the environment (config.py):

$ python -m infra.keycloak render <folder>     write <folder>/<realm>-realm.json, for Keycloak's first start
$ python -m infra.keycloak code <username>     print a demonstration person's password and one-time code
$ python -m infra.keycloak drift <address>     compare a running realm with what would be rendered
$ python -m infra.keycloak guessing <address>  name addresses that fail to sign in at many accounts
$ python -m infra.keycloak readdress <address> tell a running realm the portal's present address
$ python -m infra.keycloak appoint <address>   set up a national account (see --help)
"""

import argparse
import json
import os
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

from infra.keycloak import work_realm
from infra.keycloak.admin_api import AdminCallFailed, RealmAdmin, readdress_portal
from infra.keycloak.config import RealmSettings, from_environment, server_administrator
from infra.keycloak.demo_people import credentials_of, load, one_time_code
from infra.keycloak.drift import differences
from infra.keycloak.guessing import WINDOW, sprayings
from infra.keycloak.national_accounts import NationalPerson, NotANationalRole, appoint
from infra.keycloak.realm import render
from infra.keycloak.representation import Representation
from shared.config import MissingSetting


def write_realms(settings: RealmSettings, folder: Path) -> list[Path]:
    """Write the realm file, and one of the realm that plays an issuer of work accounts where there is one.

    The files are readable by their owner alone because they hold secrets. Returns their paths, the product's first.
    """
    folder.mkdir(parents=True, exist_ok=True)
    realms = [render(settings)]
    if settings.work is not None and settings.demo_secret is not None:
        realms.append(work_realm.render(settings))
    return [_write(realm, folder) for realm in realms]


def _write(realm: Representation, folder: Path) -> Path:
    path = folder / f"{realm['realm']}-realm.json"
    path.unlink(missing_ok=True)
    path.touch(mode=0o600)
    path.write_text(json.dumps(realm, indent=1, ensure_ascii=False))
    return path


def main(arguments: list[str] | None = None) -> int:
    """Run one command; return 0 when all is well, 1 when something differs, is missing or is refused."""
    given = _parser().parse_args(arguments)
    try:
        settings = from_environment(os.environ)
        if given.command == "render":
            print(*write_realms(settings, given.folder), sep="\n")
            return 0
        if given.command == "code":
            return _say_code(given.username, settings)
        admin = RealmAdmin(given.address, *server_administrator(os.environ), settings.realm)
        return _at_a_server(given, admin, settings)
    except (MissingSetting, AdminCallFailed, NotANationalRole) as error:
        print(error, file=sys.stderr)
        return 1


def _at_a_server(given: argparse.Namespace, admin: RealmAdmin, settings: RealmSettings) -> int:
    if given.command == "drift":
        return _say_drift(admin, settings)
    if given.command == "guessing":
        return _say_guessing(admin)
    if given.command == "readdress":
        print("changed" if readdress_portal(admin, settings) else "already right")
        return 0
    person = NationalPerson(given.person_id, given.email, given.first_name, given.last_name, given.role)
    print(appoint(admin, settings, person))
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m infra.keycloak")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("render").add_argument("folder", type=Path)
    commands.add_parser("code").add_argument("username")
    for name in ("drift", "guessing", "readdress", "appoint"):
        commands.add_parser(name).add_argument("address", help="of Keycloak, such as https://sign-in.example")
    for option in ("person-id", "email", "first-name", "last-name", "role"):
        commands.choices["appoint"].add_argument(f"--{option}", required=True)
    return parser


def _say_code(username: str, settings: RealmSettings) -> int:
    try:
        load().person(username)
    except KeyError:
        print(f"Nobody in the demonstration is called {username}.", file=sys.stderr)
        return 1
    if settings.demo_secret is None:
        print("A production realm has no demonstration people.", file=sys.stderr)
        return 1
    password, otp_secret = credentials_of(username, settings.demo_secret)
    print(f"password {password}  code {one_time_code(otp_secret, time.time())}")
    return 0


def _say_drift(admin: RealmAdmin, settings: RealmSettings) -> int:
    found = differences(render(settings), admin)
    print("\n".join(found) if found else f"The realm {settings.realm} is as rendered.")
    return 1 if found else 0


def _say_guessing(admin: RealmAdmin) -> int:
    found = sprayings(admin, datetime.now(UTC))
    minutes = int(WINDOW.total_seconds() // 60)
    print("\n".join(map(str, found)) if found else f"No address failed at many accounts in the last {minutes} minutes.")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
