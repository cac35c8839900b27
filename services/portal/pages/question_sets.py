"""What is asked: the question sets with all items and levels, to read and print without opening anything."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from flask import Response, g, request
from flask.typing import ResponseReturnValue

from services.portal.error_pages import not_found
from services.portal.glossary import terms_in
from services.portal.page import ANYONE, PageSet
from services.portal.visit import Visit
from shared.clock import local_day
from shared.contracts.roles import Role

pages = PageSet("question_sets")
AUDIENCES = {"trust": "for trusts", "icb": "for ICBs and the national body", "place": "for places"}
ANSWERED_BY = {"trust": "trust", "icb": "icb", "place": "place", "national": "icb"}
"""Audience of the question set by kind of organisation, as the service holds to it too."""
EDITORIAL = frozenset({Role.NATIONAL_EDITOR, Role.NATIONAL_APPROVER})
FORMATS = {"xlsx": "Workbook (XLSX)", "yaml": "YAML", "json": "JSON"}
IN_USE, NOT_YET, RETIRED = ("In use", "green"), ("Not yet in use", "blue"), ("No longer used", "grey")
NO_DRAFTS: dict[str, Any] = {"items": []}


@pages.page("/question-sets", key="question-sets", title="What will we be asked?", roles=ANYONE)
def question_sets(visit: Visit) -> ResponseReturnValue:
    """List the question sets; the national editors see what is being worked on as well."""
    found = visit.api.assessment.get("/question-sets")["items"]
    today = local_day(g.now)
    editorial = visit.holds(EDITORIAL)
    drafts = visit.api.assessment.get("/question-set-drafts") if editorial else NO_DRAFTS
    return visit.render(
        "question_sets/list.html",
        found=[one | {"status": status_of(one, today)} for one in found],
        audiences=AUDIENCES,
        drafts=drafts["items"],
        editorial=editorial,
        edits=visit.holds(frozenset({Role.NATIONAL_EDITOR})),
    )


def status_of(found: Mapping[str, Any], today: date) -> tuple[str, str]:
    """Return in words whether a self-assessment can be opened with a set today."""
    day = today.isoformat()
    if (found["retired_on"] or "9999") <= day or (found["effective_to"] or "9999") < day:
        return RETIRED
    return NOT_YET if (found["effective_from"] or "") > day else IN_USE


@pages.page("/question-sets/<set_id>", key="question-sets.show", title="What will we be asked?", roles=ANYONE)
def show(visit: Visit, set_id: str) -> ResponseReturnValue:
    """Show every item and level of one question set."""
    found = visit.api.assessment.get(f"/question-sets/{set_id}")
    listed = visit.api.assessment.get("/question-sets")["items"]
    summary = next((one for one in listed if one["id"] == set_id), None)
    back = {"href": "/question-sets", "text": "Back to question sets"}
    return set_page(visit, found, back=back, summary=summary)


def set_page(
    visit: Visit,
    content: Mapping[str, Any],
    *,
    back: Mapping[str, str],
    summary: Mapping[str, Any] | None = None,
    draft: bool = False,
) -> Response:
    """Return the page that shows a set, published or not, as people read it."""
    items = [item for practice in content["practices"] for item in practice["items"]]
    words = {item["id"]: terms_in(item, content.get("glossary")) for item in items}
    return visit.render(
        "question_sets/show.html",
        title=content["title"],
        caption=f"What will we be asked? Version {content['version']}",
        back=back,
        questions=content,
        number=len(items),
        words=words,
        summary=summary,
        in_use=status_of(summary, local_day(g.now)) if summary else None,
        audiences=AUDIENCES,
        draft=draft,
        edits=visit.holds(frozenset({Role.NATIONAL_EDITOR})),
        approves=visit.holds(frozenset({Role.NATIONAL_APPROVER})),
        formats=FORMATS,
    )


@pages.page("/question-sets/<set_id>/file", key="question-sets.file", title="The question set as a file", roles=ANYONE)
def as_file(visit: Visit, set_id: str) -> ResponseReturnValue:
    """Hand on a question set as a workbook, YAML or JSON, or as a start for the next version."""
    wanted = request.args.get("format", "xlsx")
    if wanted not in FORMATS:
        return not_found()
    as_next = "true" if request.args.get("start") == "next" else None
    return handed_on(visit.api.assessment.download(f"/question-sets/{set_id}/file", format=wanted, as_next=as_next))


def handed_on(found: Any) -> Response:
    """Return a service's file with its type and name."""
    names = ("Content-Type", "Content-Disposition")
    return Response(found.content, headers={name: found.headers[name] for name in names if name in found.headers})
