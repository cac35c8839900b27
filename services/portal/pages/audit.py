"""Who did or saw what in the organisation: the audit trails of all services on one page, for its access manager."""

import csv
import io
from collections.abc import Iterator, Mapping
from typing import Any

from flask import Response, g, request
from flask.typing import ResponseReturnValue

from services.portal.config import APIS
from services.portal.forms import Typed
from services.portal.page import PageSet, Shows
from services.portal.visit import Visit
from services.portal.words import as_moment
from shared.clock import local_day
from shared.contracts.roles import Role

pages = PageSet("audit")
MANAGERS = frozenset({Role.ACCESS_MANAGER, Role.ICB_ACCESS_MANAGER, Role.NATIONAL_ADMINISTRATOR})
WHO = "Those who look after access in your organisation. Saves of private answers stand in their author's list alone."
ON_A_PAGE = 50
EXPORTED = 5_000
"""Lines of each service in one export; more need a shorter time."""
THINGS: Mapping[str, str] = {
    "access": "Access",
    "account": "Account",
    "action": "Action of the plan",
    "agreement": "Agreed level",
    "agreements": "Agreed levels",
    "answer": "Own answer",
    "answers": "Own answers",
    "audit": "Audit trail",
    "board-profile": "Board profile",
    "evidence": "Evidence",
    "figures": "Published figures",
    "file": "File",
    "invitation": "Invitation",
    "membership": "Role",
    "message": "Message",
    "names": "Names of people",
    "organisation": "Organisation",
    "plan": "Plan",
    "practice-level": "Overall level of a practice",
    "preferences": "Preferences",
    "progress-visibility": "Progress shown to the ICB",
    "reflection": "Own reflection",
    "register": "Register",
    "round": "Self-assessment",
    "sharing": "Sharing",
}
OUTCOMES = {"done": "Done", "acting-for": "Done for the lead or the chair"}
COLUMNS = ("When", "Who", "What", "Outcome", "Thing", "Part of the service", "Reference")
FORMULA = ("=", "+", "-", "@", "\t", "\r")


@pages.page(
    "/audit", key="audit", title="Who did or saw what?", roles=MANAGERS, shows=Shows.ORGANISATION, who_can_see=WHO
)
def audit(visit: Visit) -> ResponseReturnValue:
    """List the newest lines of all services; the filter lives in the address, so it survives a reload."""
    return show(visit)


def show(visit: Visit) -> ResponseReturnValue:
    """Return the page, or the page with the errors of its filter."""
    visit.typed = Typed(request.args.to_dict(flat=False))
    filters = read_filters(visit)
    lines, cursors = ([], "") if visit.errors else newest(visit, filters, request.args.get("cursor", ""))
    nobody: list[dict[str, Any]] = []
    people = visit.optional("directory", lambda: visit.api.directory.get("/people", limit="200")["items"], nobody)
    kept = [(name, value) for name, value in request.args.items() if name != "cursor" and value]
    return visit.render(
        "audit/list.html",
        lines=lines,
        names=visit.names([line["person_id"] for line in lines]),
        words=action_words,
        outcomes=OUTCOMES,
        next=cursors,
        kept=kept,
        people=[{"value": "", "text": "Everybody"}]
        + [{"value": one["person_id"], "text": one["name"]} for one in people],
        things=[{"value": "", "text": "Everything"}] + [{"value": code, "text": text} for code, text in THINGS.items()],
    )


@pages.page(
    "/audit/export", key="audit.export", title="Export", roles=MANAGERS, shows=Shows.ORGANISATION, who_can_see=WHO
)
def export(visit: Visit) -> ResponseReturnValue:
    """Give the lines that the filter leaves as CSV, newest first."""
    visit.typed = Typed(request.args.to_dict(flat=False))
    filters = read_filters(visit)
    if visit.errors:
        return show(visit)
    lines = sorted(everything(visit, filters), key=lambda line: str(line["at"]), reverse=True)
    names = visit.names([line["person_id"] for line in lines])
    name = f"audit-{visit.acting.org_id}-{local_day(g.now).isoformat()}.csv"
    return Response(
        as_csv(lines, names),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def read_filters(visit: Visit) -> dict[str, str]:
    """Return the filter as the services take it; a date that is none is an error on the page."""
    typed = visit.typed
    since, until = typed.day("since"), typed.day("until")
    if since and until and until < since:
        typed.wrong("until-day", "The last day must be on or after the first day.")
    visit.errors = typed.errors
    wanted = {
        "person_id": typed.value("person_id"),
        "about": typed.value("about") if typed.value("about") in THINGS else "",
        "since": since.isoformat() if since else "",
        "until": until.isoformat() if until else "",
    }
    return {name: value for name, value in wanted.items() if value}


def newest(visit: Visit, filters: Mapping[str, str], cursors: str) -> tuple[list[dict[str, Any]], str]:
    """Return the next lines of all services merged by time, and where each service goes on."""
    begun = dict(part.split(":") for part in cursors.split(",") if part.count(":") == 1)
    found: list[dict[str, Any]] = []
    more = False
    for service in APIS:
        page = _page(visit, service, filters, begun.get(service))
        found += page["items"]
        more = more or page["next"] is not None
    found.sort(key=lambda line: (str(line["at"]), line["seq"]), reverse=True)
    shown, left = found[:ON_A_PAGE], found[ON_A_PAGE:]
    for line in shown:
        begun[line["service"]] = str(line["seq"])
    following = ",".join(f"{service}:{seq}" for service, seq in begun.items() if service in APIS)
    return shown, following if left or more else ""


def everything(visit: Visit, filters: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    """Return the lines of all services, at most EXPORTED of each."""
    for service in APIS:
        cursor: str | None = None
        for _ in range(EXPORTED // 200):
            page = _page(visit, service, filters, cursor, limit=200)
            yield from page["items"]
            if (cursor := page["next"]) is None:
                break


def _page(
    visit: Visit, service: str, filters: Mapping[str, str], cursor: str | None, *, limit: int = ON_A_PAGE
) -> dict[str, Any]:
    nothing: dict[str, Any] = {"items": [], "next": None}
    ask = visit.api.named(service).get
    page = visit.optional(service, lambda: ask("/audit", **filters, cursor=cursor, limit=str(limit)), nothing)
    return {"items": [{**line, "service": service} for line in page["items"]], "next": page["next"]}


def action_words(action: str) -> str:
    """Return an action as a page says it: "Self-assessment: signed off"."""
    thing, _, deed = action.partition(".")
    words = THINGS.get(thing, thing.replace("-", " ").capitalize())
    return f"{words}: {deed.replace('-', ' ')}" if deed else words


def as_csv(lines: list[dict[str, Any]], names: Mapping[str, str]) -> str:
    """Return lines as CSV; a cell that a spreadsheet would take for a formula is text."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerow(COLUMNS)
    for line in lines:
        thing = f"{line['object_type'] or ''} {line['object_id'] or ''}".strip()
        cells = (
            as_moment(line["at"]),
            names.get(line["person_id"] or "", "The service itself"),
            action_words(line["action"]),
            OUTCOMES.get(line["outcome"], line["outcome"]),
            thing,
            line["service"],
            line["request_id"] or "",
        )
        writer.writerow([f"'{cell}" if cell.startswith(FORMULA) else cell for cell in cells])
    return buffer.getvalue()
