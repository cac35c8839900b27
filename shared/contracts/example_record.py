"""The record of every example ever published: ``python -m shared.contracts.example_record`` adds the new ones.

An example is a promise that today's readers accept what was sent yesterday, so a recorded one never changes and never
goes away; the record only grows.
"""

import hashlib
from pathlib import Path
from typing import Final

EVENTS: Final = Path(__file__).with_name("events")
RECORD: Final = EVENTS / "examples.sha256"


class RecordedExampleChanged(Exception):
    """A recorded example has another content or is gone."""


def recorded() -> dict[str, str]:
    """Return the recorded digests by path below ``events/``."""
    if not RECORD.exists():
        return {}
    lines = RECORD.read_text(encoding="utf-8").splitlines()
    return {path: digest for digest, path in (line.split("  ", 1) for line in lines)}


def present() -> dict[str, str]:
    """Return the digests of the example files there are, by path below ``events/``."""
    files = sorted(EVENTS.glob("*/*.json"))
    return {file.relative_to(EVENTS).as_posix(): hashlib.sha256(file.read_bytes()).hexdigest() for file in files}


def grown(old: dict[str, str], new: dict[str, str]) -> dict[str, str]:
    """Return the record with new examples added.

    Raises RecordedExampleChanged naming the examples that were recorded otherwise: write a new example instead.
    """
    changed = sorted(path for path, digest in old.items() if new.get(path) != digest)
    if changed:
        raise RecordedExampleChanged(", ".join(changed))
    return old | new


def main() -> None:
    """Add new examples to the record."""
    entries = grown(recorded(), present())
    RECORD.write_text("".join(f"{digest}  {path}\n" for path, digest in sorted(entries.items())), encoding="utf-8")


if __name__ == "__main__":
    main()
