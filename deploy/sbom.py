"""Writes the list of everything that is in the image (CycloneDX): `make sbom`.

Python packages come from the lock, with their hashes; pages bring packages of npm, which are copied into the image at
build time. The file is made for a release and not kept here: the locks are what is reviewed.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
LOCK = ROOT / "deploy" / "requirements.lock"
NPM_LOCK = ROOT / "package-lock.json"
FILE = ROOT / ".local" / "sbom.json"


def python_packages() -> dict[str, Any]:
    """Return the document that cyclonedx-py makes of the lock; raises CalledProcessError."""
    tool = Path(sys.executable).with_name("cyclonedx-py")
    command = [str(tool), "requirements", "--output-reproducible", "--sv", "1.6", "--of", "JSON", str(LOCK)]
    made = subprocess.run(command, capture_output=True, text=True, check=True)
    document: dict[str, Any] = json.loads(made.stdout)
    return document


def npm_packages() -> list[dict[str, Any]]:
    """Return what the pages bring into the image, from npm's lock."""
    packages: dict[str, Any] = json.loads(NPM_LOCK.read_text())["packages"]
    found = []
    for path, package in sorted(packages.items()):
        if not path or package.get("dev"):
            continue
        name, version = path.rpartition("node_modules/")[2], package["version"]
        purl = f"pkg:npm/{name.replace('@', '%40')}@{version}"
        found.append({"type": "library", "bom-ref": purl, "name": name, "version": version, "purl": purl})
    return found


def document() -> dict[str, Any]:
    """Return the whole list."""
    made = python_packages()
    made["components"] = [*made.get("components", []), *npm_packages()]
    about = made.setdefault("metadata", {})
    about["component"] = {"type": "application", "bom-ref": "improve-together", "name": "improve-together"}
    return made


def main() -> None:
    """Write the file and say how much is in it."""
    made = document()
    FILE.parent.mkdir(exist_ok=True)
    FILE.write_text(json.dumps(made, indent=1))
    print(f"{len(made['components'])} packages in {FILE.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
