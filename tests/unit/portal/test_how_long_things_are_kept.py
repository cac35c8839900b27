"""The page that people read, the list in docs and the rules of the services say the same periods."""

import re
from datetime import timedelta

import pytest

from infra.keycloak.realm import EVENTS_KEPT_DAYS
from services.directory.domain.address_changes import LIFETIME
from services.directory.domain.retention import ADDRESS_KEPT_MONTHS, INVITATION_KEPT_MONTHS
from services.notification.domain.retention import MESSAGE_KEPT_MONTHS
from services.portal import kept, sessions
from shared import idempotency
from tests.architecture.source_tree import ROOT

PAGE = ROOT / "services/portal/templates/start/data_protection.html"
LIST = ROOT / "docs/retention.md"


def minutes(span: timedelta) -> str:
    return f"{span // timedelta(minutes=1)} minutes"


def hours(span: timedelta) -> str:
    return f"{span // timedelta(hours=1)} hours"


ON_THE_PAGE = {
    "Your e-mail address and your sign-in account": [f"{ADDRESS_KEPT_MONTHS} months after your last role ended"],
    "A new e-mail address": [f"not confirmed: {hours(LIFETIME)}", f"{ADDRESS_KEPT_MONTHS} months where it cannot"],
    "Invitations": [f"{INVITATION_KEPT_MONTHS} months after they were taken up, withdrawn or ran out"],
    "Messages in your inbox": [f"{MESSAGE_KEPT_MONTHS} months after they were made"],
    "Which mails you want": [
        f"{MESSAGE_KEPT_MONTHS} months after your last role in that organisation ended, or it closed"
    ],
    "Text you typed": [minutes(kept.KEEP_FOR)],
    "Every sign-in": [f"{EVENTS_KEPT_DAYS} days"],
    "Your sign-in:": [minutes(sessions.IDLE), hours(sessions.ABSOLUTE)],
}
IN_THE_LIST = {
    "Invitation:": [f"{INVITATION_KEPT_MONTHS} months after it was taken up, withdrawn or ran out"],
    "A person's e-mail address": [f"{ADDRESS_KEPT_MONTHS} months after their last role ended"],
    "A new address": [hours(LIFETIME)],
    "The address somebody had before": [f"{ADDRESS_KEPT_MONTHS} months where that mail cannot be sent"],
    "A message in an inbox": [f"{MESSAGE_KEPT_MONTHS} months after it was made"],
    "The message that a role": [f"{MESSAGE_KEPT_MONTHS} months, and longer"],
    "Which mails somebody wants": [f"{MESSAGE_KEPT_MONTHS} months after their last role"],
    "Typed text": [minutes(kept.KEEP_FOR)],
    "Every sign-in": [f"{EVENTS_KEPT_DAYS} days"],
    "That an account": [f"{EVENTS_KEPT_DAYS} days"],
    "A browser's session": [minutes(sessions.IDLE), hours(sessions.ABSOLUTE)],
    "The answer to a request": [f"{idempotency.KEPT_FOR.days} days"],
}


def lines_of_the_page() -> list[str]:
    section = PAGE.read_text(encoding="utf-8").split("How long it is kept</h2>")[1].split("</ul>")[0]
    return re.findall(r"<li>(.*?)</li>", section)


def lines_of_the_list() -> list[str]:
    rows = [line for line in LIST.read_text(encoding="utf-8").splitlines() if line.startswith("| ")]
    return [row.removeprefix("| ") for row in rows[1:]]


@pytest.mark.parametrize("begins", ON_THE_PAGE)
def test_the_page_says_what_the_rules_say(begins: str) -> None:
    [line] = [line for line in lines_of_the_page() if line.startswith(begins)]

    assert [said for said in ON_THE_PAGE[begins] if said not in line] == []


@pytest.mark.parametrize("begins", IN_THE_LIST)
def test_the_list_says_what_the_rules_say(begins: str) -> None:
    [row] = [row for row in lines_of_the_list() if row.startswith(begins)]

    assert [said for said in IN_THE_LIST[begins] if said not in row.split("|")[1]] == []


def test_no_line_with_a_number_is_held_to_nothing() -> None:
    """A new line, or a number that is changed in words alone, is noticed."""
    page = [line for line in lines_of_the_page() if re.search(r"[0-9]", line)]
    rows = [row for row in lines_of_the_list() if re.search(r"[0-9]", row.split("|")[1])]

    assert [line for line in page if not line.startswith(tuple(ON_THE_PAGE))] == []
    assert [row for row in rows if not row.startswith(tuple(IN_THE_LIST))] == []
