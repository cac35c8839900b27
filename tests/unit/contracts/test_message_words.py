"""The words of messages: every gap can be filled, no subject names a person, and what is asked is said in full."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from shared.contracts import event_types
from shared.contracts.roles import Role
from tests.unit.contracts.plain_words import OLDEST_READER, reading_age

ROOT = Path(__file__).parents[3]
FOLDER = ROOT / "services" / "notification" / "messages"
MESSAGES = {path.stem: yaml.safe_load(path.read_text(encoding="utf-8")) for path in sorted(FOLDER.glob("*.yaml"))}
WORDED = ("title", "inbox_line", "subject", "body")
FROM_ELSEWHERE = {"organisation.name", "audience.name", "role.title"}
ASKS_FOR_A_DECISION = ("sign-off-waiting", "plan-waiting-for-approval", "sharing-proposed", "plan-sharing-proposed")
WHAT_AN_ICB_SEES = {
    "sign-off-waiting": "the stage Signed off",
    "decision-to-confirm": "the stage Signed off",
    "result-signed-off": "the stage Signed off",
    "result-corrected": "the day of the correction",
    "plan-drafted": "how far the plan is",
    "plan-waiting-for-approval": "how far the plan is and three counts of its actions",
}
"""Messages about steps that change the row of a trust which its ICB reads."""
ASKS_FOR_ANSWERS = ("asked-to-answer", "asked-to-answer-later")


def gaps_in(text: str) -> set[str]:
    return set(re.findall(r"\{(\w+)\}", text))


def required_by(kind: str) -> set[str]:
    path = ROOT / "shared" / "contracts" / "events" / f"{kind}.schema.json"
    return set(json.loads(path.read_text(encoding="utf-8"))["required"])


def properties_of(kind: str) -> set[str]:
    path = ROOT / "shared" / "contracts" / "events" / f"{kind}.schema.json"
    return set(json.loads(path.read_text(encoding="utf-8"))["properties"])


def read_by_notification() -> set[str]:
    topics = [yaml.safe_load(path.read_text()) for path in (ROOT / "shared/contracts/topics").glob("*.yaml")]
    return {kind for topic in topics if "notification" in topic["consumers"] for kind in topic["types"]}


@pytest.mark.parametrize("name", MESSAGES)
def test_a_message_is_named_after_its_file_and_comes_from_events_that_notification_reads(name: str) -> None:
    message = MESSAGES[name]

    assert message["kind"] == name
    assert message["events"]
    assert set(message["events"]) <= event_types.ALL_TYPES & read_by_notification()
    assert isinstance(message["urgent"], bool)
    assert isinstance(message["mail_can_be_turned_off"], bool)


@pytest.mark.parametrize("name", MESSAGES)
def test_every_gap_is_declared_and_every_declared_gap_is_used(name: str) -> None:
    message = MESSAGES[name]
    used = set().union(*(gaps_in(message[part]) for part in WORDED))

    assert {entry["name"] for entry in message["placeholders"]} == used


@pytest.mark.parametrize("name", MESSAGES)
def test_every_gap_can_be_filled_from_each_event_that_sends_the_message(name: str) -> None:
    message = MESSAGES[name]

    for kind in message["events"]:
        for entry in message["placeholders"]:
            source = entry["from"]
            known = properties_of(kind) if "when_empty" in entry else required_by(kind)
            assert source in FROM_ELSEWHERE or source.removeprefix("data.") in known


@pytest.mark.parametrize("name", MESSAGES)
def test_the_link_leads_to_a_page_whose_ids_the_event_carries(name: str) -> None:
    message = MESSAGES[name]

    assert message["link"].startswith("/")
    assert all(gaps_in(message["link"]) <= required_by(kind) for kind in message["events"])


@pytest.mark.parametrize("name", MESSAGES)
def test_a_message_goes_to_people_the_event_names_or_to_roles_that_exist(name: str) -> None:
    message = MESSAGES[name]

    for recipient in message["recipients"]:
        if "people" in recipient:
            assert all(recipient["people"] in properties_of(kind) for kind in message["events"])
        else:
            assert set(recipient["roles"]) <= set(Role)
            assert recipient["of"] in {"organisation", "audience", "everywhere"}


@pytest.mark.parametrize("name", [name for name, message in MESSAGES.items() if "role.title" in str(message)])
def test_a_message_that_names_a_role_comes_from_an_event_that_carries_one(name: str) -> None:
    assert all("role" in required_by(kind) for kind in MESSAGES[name]["events"])


@pytest.mark.parametrize(
    "name", [name for name, message in MESSAGES.items() if "audience" in str(message["recipients"])]
)
def test_a_message_to_the_audience_comes_from_an_event_that_names_it(name: str) -> None:
    assert all("audience_tenant" in required_by(kind) for kind in MESSAGES[name]["events"])


@pytest.mark.parametrize("name", MESSAGES)
def test_no_person_is_named_in_what_a_locked_screen_shows(name: str) -> None:
    shown = MESSAGES[name]["subject"] + MESSAGES[name]["title"] + MESSAGES[name]["inbox_line"]

    assert gaps_in(shown) & {"recipient", "person", "name", "actor", "owner", "asked_by"} == set()
    assert len(MESSAGES[name]["subject"].replace("{organisation}", "")) <= 80


@pytest.mark.parametrize("name", ASKS_FOR_ANSWERS)
def test_an_invitation_says_who_asks_for_what_how_long_it_takes_by_when_and_who_will_see_it(name: str) -> None:
    body = MESSAGES[name]["body"]

    assert body.startswith("{organisation} asks you")
    assert all(part in body for part in ("What to do:", "How long it takes:", "By when:", "Who will see it:"))
    assert "nobody sees your answers" in body
    assert "destroyed when the next self-assessment opens" in body


@pytest.mark.parametrize("name", ASKS_FOR_A_DECISION)
def test_whoever_is_asked_to_decide_is_told_at_once_and_told_that_they_can_say_no(name: str) -> None:
    message = MESSAGES[name]

    assert message["urgent"] is True
    assert message["mail_can_be_turned_off"] is False
    assert re.search(r"send it back with a note|or nothing|Then decide", message["body"])
    assert "Who will see it:" in message["body"]


@pytest.mark.parametrize("name", WHAT_AN_ICB_SEES)
def test_a_message_about_a_step_that_an_icb_sees_says_so(name: str) -> None:
    assert f"If it is a trust, its ICB sees {WHAT_AN_ICB_SEES[name]}" in MESSAGES[name]["body"]
    assert "unless the chair turned that off" in MESSAGES[name]["body"]


@pytest.mark.parametrize("name", MESSAGES)
def test_no_message_promises_that_an_icb_sees_nothing_of_a_trust(name: str) -> None:
    assert not re.search(r"organisation only|[Nn]othing is sent to your ICB", MESSAGES[name]["body"])


def test_the_words_of_all_messages_can_be_read_at_about_twelve() -> None:
    bodies = [
        re.sub(r"\{\w+\}", "it", line) for message in MESSAGES.values() for line in message["body"].splitlines() if line
    ]

    assert reading_age(bodies) <= OLDEST_READER


@pytest.mark.parametrize(
    "path", [*sorted(FOLDER.glob("*.yaml")), FOLDER.parent / "mail_frame.yaml"], ids=lambda p: p.stem
)
def test_apostrophes_are_straight_and_dashes_are_plain(path: Path) -> None:
    assert [mark for mark in "‘’“”–—" if mark in path.read_text(encoding="utf-8")] == []


def test_the_frame_of_a_mail_declares_its_gaps() -> None:
    frame: dict[str, Any] = yaml.safe_load((FOLDER.parent / "mail_frame.yaml").read_text(encoding="utf-8"))
    declared = {entry["name"] for entry in frame.pop("placeholders")}

    assert gaps_in(yaml.safe_dump(frame)) == declared
