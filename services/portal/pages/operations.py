"""For operators: is anything waiting, and what became of one event or one request? Never what anybody wrote."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from flask import g, request
from flask.typing import ResponseReturnValue

from services.portal.api import NotThere
from services.portal.config import APIS
from services.portal.page import PageSet
from services.portal.visit import SERVICE_WORDS, Visit
from services.portal.words import counted
from shared.contracts.roles import Role

pages = PageSet("operations")
OPERATOR = frozenset({Role.OPERATOR})
SILENT_AFTER = timedelta(seconds=60)
BEHIND = 1000
"""Events ahead of a consumer from which on it counts as behind; the alert says the same."""
OLD = timedelta(seconds=60)
ON_A_PAGE = 50
ID = re.compile(r"[A-Za-z0-9-]{8,64}")
WELL, WAITS, SILENT = ("Well", "green"), ("Needs somebody", "red"), ("Not reporting", "yellow")
REASONS: Mapping[str, str] = {
    "contract-broken": "its content breaks the contract",
    "unreadable": "it could not be read",
    "unknown-type": "its type does not belong on its topic",
    "organisation-not-known": "its organisation was not known",
    "tenant-differs": "its organisation belonged to another ICB",
    "gap": "an event before it did not come",
    "unexpected": "a mistake of ours while handling it",
}


@dataclass(frozen=True, slots=True)
class Line:
    """One service in the table of all services."""

    words: str
    state: tuple[str, str]
    unsent: str
    behind: str
    due: int
    given_up: int
    parked: int
    dead: int


@pages.page("/operations", key="operations", title="Is anything waiting for somebody?", roles=OPERATOR)
def operations(visit: Visit) -> ResponseReturnValue:
    """Show one line a service, the open dead letters, and what a search by id found."""
    books = {name: found for name in APIS if (found := _ask(visit, name, "/operations")) is not None}
    begun = _begun()
    letters, following = letters_of(visit, [name for name, found in books.items() if found["dead_letters"]], begun)
    wanted = request.args.get("id", "").strip()
    if wanted and not ID.fullmatch(wanted):
        visit.errors = [{"field": "id", "message": "Enter the id of an event or the reference of a request."}]
    return visit.render(
        "operations/overview.html",
        lines=[line_of(name, found, g.now) for name, found in books.items()],
        by_part=[(SERVICE_WORDS[name], part) for name, found in books.items() for part in _parts_with_lag(found)],
        letters=letters,
        begun=begun,
        next=following,
        reasons=REASONS,
        service_words=SERVICE_WORDS,
        wanted=wanted,
        traces=_traces(visit, wanted) if wanted and not visit.errors else None,
    )


def letters_of(visit: Visit, services: Iterable[str], begun: str | None) -> tuple[list[dict[str, Any]], str | None]:
    """Return the next open dead letters of these services, oldest first, and the id after which the page after begins.

    Ids grow with time in every service alike, so one id says for all of them how far the list was shown. One more than
    a page holds is asked for, so that no page is offered which would be empty.
    """
    found: list[dict[str, Any]] = []
    for service in services:
        answer = _ask(visit, service, "/operations/dead-letters", cursor=begun, limit=str(ON_A_PAGE + 1))
        found += [{"service": service, **letter} for letter in (answer or {"items": []})["items"]]
    found.sort(key=lambda letter: str(letter["id"]))
    shown = found[:ON_A_PAGE]
    return shown, str(shown[-1]["id"]) if len(found) > ON_A_PAGE else None


def _begun() -> str | None:
    """Return the id after which the list of dead letters goes on; what is no id begins it anew."""
    try:
        return str(UUID(request.args.get("cursor", "")))
    except ValueError:
        return None


def _ask(visit: Visit, service: str, path: str, **query: str | None) -> dict[str, Any] | None:
    ask = visit.api.named(service).get
    found: dict[str, Any] | None = visit.optional(service, lambda: ask(path, **query), None)
    return found


def line_of(service: str, found: Mapping[str, Any], now: datetime) -> Line:
    """Return a service's line: what waits, since when, and whether somebody should look."""
    outbox = [one for one in found["processes"] if one["process"] == "relay"]
    lag = sum(one["waiting"] for one in found["processes"] if one["process"] == "consumer")
    dead = sum(one["open"] for one in found["dead_letters"])
    silent = [one for one in found["processes"] if now - datetime.fromisoformat(one["reported_at"]) > SILENT_AFTER]
    silent = [one for one in silent if one["process"] != "consumer"]
    oldest = min((datetime.fromisoformat(one["oldest_at"]) for one in outbox if one["oldest_at"]), default=None)
    trouble = dead or found["due_work_failed"] or lag > BEHIND or (oldest is not None and now - oldest > OLD)
    unheard = silent or {one["process"] for one in found["processes"]} < {"relay", "consumer", "scheduler"}
    return Line(
        words=SERVICE_WORDS[service],
        state=WAITS if trouble else SILENT if unheard else WELL,
        unsent=_unsent(sum(one["waiting"] for one in outbox), oldest, now),
        behind=counted(lag, "event") if lag else "None",
        due=found["due_work"],
        given_up=found["due_work_failed"],
        parked=found["parked"],
        dead=dead,
    )


def _unsent(waiting: int, oldest: datetime | None, now: datetime) -> str:
    if not waiting or oldest is None:
        return "None"
    return f"{waiting}, the oldest for {counted(max(1, int((now - oldest).total_seconds())), 'second')}"


def _parts_with_lag(found: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [one for one in found["processes"] if one["process"] == "consumer" and one["waiting"]]


def _traces(visit: Visit, wanted: str) -> list[dict[str, Any]]:
    found = []
    for name in APIS:
        answer = _ask(visit, name, "/operations/traces", id=wanted) or {"items": []}
        found += [{"service": SERVICE_WORDS[name], **one} for one in answer["items"]]
    return sorted(found, key=lambda one: str(one["at"]))


@pages.page(
    "/operations/<service>/dead-letters/<letter_id>",
    key="operations.letter",
    title="An event that was set aside",
    roles=OPERATOR,
)
def letter(visit: Visit, service: str, letter_id: str) -> ResponseReturnValue:
    """Show a dead letter from outside, and what can be done with it."""
    found = _one(visit, service, letter_id)
    return visit.render(
        "operations/letter.html",
        letter=found,
        service=service,
        words=SERVICE_WORDS[service],
        reason=REASONS.get(found["reason"], found["reason"]),
        back={"href": "/operations", "text": "Back to operations"},
    )


def _one(visit: Visit, service: str, letter_id: str) -> dict[str, Any]:
    try:
        path = f"/operations/dead-letters/{UUID(letter_id)}"
    except ValueError as error:
        raise NotThere(404, {}) from error
    found: dict[str, Any] = visit.api.named(_known(service)).get(path)
    return found


@pages.act(
    "/operations/<service>/dead-letters/<letter_id>/again",
    key="operations.again",
    roles=OPERATOR,
    back_to="operations",
)
def again(visit: Visit, service: str, letter_id: str) -> ResponseReturnValue:
    """Give the event back to its consumer."""
    visit.api.named(_known(service)).post(f"/operations/dead-letters/{letter_id}/again")
    return visit.go("operations", done="The event is handled again now. If it fails, it comes back to this page.")


@pages.act(
    "/operations/<service>/dead-letters/<letter_id>/leave-out",
    key="operations.leave-out",
    roles=OPERATOR,
    back_to="operations",
)
def leave_out(visit: Visit, service: str, letter_id: str) -> ResponseReturnValue:
    """Go on without the event."""
    visit.api.named(_known(service)).post(f"/operations/dead-letters/{letter_id}/leave-out")
    return visit.go("operations", done="The event is left out. What comes after it goes on.")


def _known(service: str) -> str:
    if service not in APIS:
        raise NotThere(404, {})
    return service
