"""`python -m deploy.contracts write | check | release <version>`.

`write` brings docs/openapi up to date with the routes. `check` says what the present routes and events break of what
the last release promised. `release` records the present promises under a version: from then on they are kept.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from deploy.contracts.compatibility import breaks_of_apis, breaks_of_events
from deploy.contracts.openapi import FOLDER, ROOT, apis, document, rendered

EVENTS = ROOT / "shared" / "contracts" / "events"
RELEASED = ROOT / "docs" / "released"
VERSION = RELEASED / "VERSION"


def event_schemas() -> dict[str, Any]:
    """Return the schema of every event type there is."""
    ending = ".schema.json"
    return {path.name.removesuffix(ending): json.loads(path.read_text()) for path in sorted(EVENTS.glob(f"*{ending}"))}


def released(name: str, folder: Path = RELEASED) -> dict[str, Any]:
    """Return what the last release promised under this name: a service, or `events`."""
    found: dict[str, Any] = json.loads((folder / f"{name}.json").read_text())
    return found


def breaks() -> list[str]:
    """Return every promise of the last release that is not kept any more."""
    found = [f"{name}: {one}" for name in apis() for one in breaks_of_apis(released(name), document(name))]
    return found + [f"events: {one}" for one in breaks_of_events(released("events"), event_schemas())]


def write() -> int:
    """Bring docs/openapi up to date."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name in apis():
        (FOLDER / f"{name}.json").write_text(rendered(document(name)))
    return 0


def check() -> int:
    """Say what is broken; 1 when anything is."""
    found = breaks()
    print("\n".join(found) or f"Everything that release {VERSION.read_text().strip()} promised is kept.")
    return 1 if found else 0


def release(version: str) -> int:
    """Record the present promises."""
    RELEASED.mkdir(parents=True, exist_ok=True)
    for name in apis():
        (RELEASED / f"{name}.json").write_text(rendered(document(name)))
    (RELEASED / "events.json").write_text(rendered(event_schemas()))
    VERSION.write_text(f"{version}\n")
    return 0


def main(given: list[str] | None = None) -> int:
    """Carry out one command."""
    parser = argparse.ArgumentParser(prog="python -m deploy.contracts")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("write")
    commands.add_parser("check")
    commands.add_parser("release").add_argument("version")
    arguments = parser.parse_args(given)
    if arguments.command == "release":
        return release(arguments.version)
    return write() if arguments.command == "write" else check()


if __name__ == "__main__":
    sys.exit(main())
