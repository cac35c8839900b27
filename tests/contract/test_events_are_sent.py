"""What a topic promises is sent: each event type is built by the owning service, or marked as not yet sent."""

import re
from pathlib import Path

import pytest
import yaml

from shared.contracts import event_types

ROOT = Path(__file__).parents[2]
TOPICS = [yaml.safe_load(path.read_text()) for path in sorted((ROOT / "shared/contracts/topics").glob("*.yaml"))]
CONSTANT_OF = {value: name for name, value in vars(event_types).items() if name.isupper() and isinstance(value, str)}
OWNERS = sorted({topic["owner"] for topic in TOPICS if list((ROOT / "services" / topic["owner"]).glob("events*"))})


def built_by(service: str) -> set[str]:
    folder = ROOT / "services" / service
    files = [folder / "events.py", *(folder / "events").glob("*.py")]
    text = "".join(file.read_text(encoding="utf-8") for file in files if file.exists())
    return set(re.findall(r"\bevent_types\.([A-Z_]+)\b", text))


@pytest.mark.parametrize("service", OWNERS)
def test_a_service_builds_every_event_it_promises_and_no_other(service: str) -> None:
    owned = [topic for topic in TOPICS if topic["owner"] == service]
    not_yet = {CONSTANT_OF[kind] for topic in owned for kind in topic["not_yet_sent"]}
    promised = {CONSTANT_OF[kind] for topic in owned for kind in topic["types"]} - not_yet

    built = built_by(service)

    assert promised - built == set(), "promised, but nothing builds them: list them under not_yet_sent"
    assert built - promised == set(), "built, but listed under not_yet_sent or owned by another service"
