"""A recording retold of other organisations, as often as a test needs events."""

import json
import re
from uuid import NAMESPACE_URL, uuid5

UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
ORGANISATION = re.compile(r"\b[A-Z]{7}\b")
"""A recorded organisation has seven letters, wherever it stands: in a name and in a key as well."""
SHARED = 18
"""After so many retellings the trusts are new and their ICBs are those of an earlier one: England has about forty."""


class Retelling:
    """The events of one recording, and what came of them, told of the organisations of one world after another."""

    def __init__(self, events: str) -> None:
        self._lines = events.splitlines(keepends=True)
        told = [json.loads(line)["data"] for line in self._lines]
        self._icbs = {data["code"] for data in told if data.get("kind") == "icb"}

    def events(self, world: int) -> str:
        """Return the events of a world; an ICB is registered once."""
        lines = (line for line in self._lines if world < SHARED or json.loads(line)["key"] not in self._icbs)
        return self.elsewhere("".join(lines), world)

    def elsewhere(self, text: str, world: int) -> str:
        """Return a text with every id and every organisation replaced by what a world calls it."""
        ids = UUID.sub(lambda found: str(uuid5(NAMESPACE_URL, f"{world} {found[0]}")), text)
        return ORGANISATION.sub(lambda found: self._called(found[0], world), ids)

    def _called(self, organisation: str, world: int) -> str:
        return f"{organisation[:3]}{world % SHARED if organisation in self._icbs else world:05d}"
