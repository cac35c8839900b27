"""Who did or saw what in the organisation: the audit trails of all services on one page, for its access manager."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import Response, g, request
from flask.typing import ResponseReturnValue

from services.portal.api import ServiceAway
from services.portal.config import APIS
from services.portal.forms import Typed
from services.portal.page import PageSet, Shows
from services.portal.visit import SERVICE_WORDS, Visit
from services.portal.words import as_moment
from shared.clock import local_day
from shared.contracts.roles import Role
from shared.csv_files import csv_of

pages = PageSet("audit")
MANAGERS = frozenset({Role.ACCESS_MANAGER, Role.ICB_ACCESS_MANAGER, Role.NATIONAL_ADMINISTRATOR})
WHO = "Those who look after access in your organisation. Saves of private answers stand in their author's list alone."
ON_A_PAGE = 50
EXPORTED, AT_ONCE = 5_000, 200
"""Lines of each service in one export (more need a shorter time), and in one answer of a service."""
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
    "person": "Person",
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
REST = "Choose a shorter time to export the rest."
COLUMNS = ("When", "Who", "What", "Outcome", "Thing", "Part of the service", "Reference")


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
    """Give the lines that the filter leaves as CSV, newest first; all of them, or it says what is missing, or none."""
    visit.typed = Typed(request.args.to_dict(flat=False))
    filters = read_filters(visit)
    if visit.errors:
        return show(visit)
    found = everything(visit, filters)
    names = visit.names([line["person_id"] for line in found.lines])
    if visit.is_away("directory"):
        raise ServiceAway("directory", "names of people")
    name = f"audit-{visit.acting.org_id}-{local_day(g.now).isoformat()}.csv"
    return Response(
        as_csv(found.lines, names, found.cut),
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


@dataclass(frozen=True, slots=True)
class Exported:
    """The lines of all services, newest first, and which of these services have more than an export holds."""

    lines: Sequence[dict[str, Any]]
    cut: Collection[str]


def everything(visit: Visit, filters: Mapping[str, str]) -> Exported:
    """Return the lines of all services, at most EXPORTED of each; raises ServiceAway when one does not answer."""
    lines: list[dict[str, Any]] = []
    cut = []
    for service in APIS:
        of_service, more = _newest_of(visit, service, filters)
        lines += of_service
        if more:
            cut.append(service)
    return Exported(sorted(lines, key=lambda line: str(line["at"]), reverse=True), cut)


def _newest_of(visit: Visit, service: str, filters: Mapping[str, str]) -> tuple[list[dict[str, Any]], bool]:
    """Return a service's newest lines, and whether there are more."""
    lines: list[dict[str, Any]] = []
    cursor: str | None = None
    while len(lines) < EXPORTED:
        page = _asked(visit, service, filters, cursor, AT_ONCE)
        lines += page["items"]
        if (cursor := page["next"]) is None:
            return lines, False
    return lines, True


def _page(visit: Visit, service: str, filters: Mapping[str, str], cursor: str | None) -> dict[str, Any]:
    nothing: dict[str, Any] = {"items": [], "next": None}
    return visit.optional(service, lambda: _asked(visit, service, filters, cursor, ON_A_PAGE), nothing)


def _asked(visit: Visit, service: str, filters: Mapping[str, str], cursor: str | None, limit: int) -> dict[str, Any]:
    """Return the next lines of a service, each with where it comes from."""
    page = visit.api.named(service).get("/audit", **filters, cursor=cursor, limit=str(limit))
    return {"items": [{**line, "service": service} for line in page["items"]], "next": page["next"]}


def action_words(action: str) -> str:
    """Return an action as a page says it: "Self-assessment: signed off"."""
    thing, _, deed = action.partition(".")
    words = THINGS.get(thing, thing.replace("-", " ").capitalize())
    return f"{words}: {deed.replace('-', ' ')}" if deed else words


def as_csv(lines: Sequence[Mapping[str, Any]], names: Mapping[str, str], cut: Collection[str] = ()) -> str:
    """Return lines as CSV; the last lines say of which services there are more."""
    closing = [
        (f"Not everything: of {SERVICE_WORDS[one]} only the newest {EXPORTED:,} lines are here. {REST}",) for one in cut
    ]
    return csv_of([COLUMNS, *(_cells(line, names) for line in lines), *closing])


def _cells(line: Mapping[str, Any], names: Mapping[str, str]) -> tuple[str, ...]:
    return (
        as_moment(line["at"]),
        names.get(line["person_id"] or "", "The service itself"),
        action_words(line["action"]),
        OUTCOMES.get(line["outcome"], line["outcome"]),
        f"{line['object_type'] or ''} {line['object_id'] or ''}".strip(),
        line["service"],
        line["request_id"] or "",
    )
