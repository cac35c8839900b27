"""Results over the years: signed here, or done elsewhere before and imported as marked history."""

from collections.abc import Mapping
from typing import Any

from flask import Response, request
from flask.typing import ResponseReturnValue

from services.portal.page import PageSet, Shows
from services.portal.pages.question_sets import ANSWERED_BY
from services.portal.pages.rounds.reading import level_names
from services.portal.pages.rounds.who import BOARD, BY_THE_BOARD_AND_SHARED, ORGANISERS
from services.portal.visit import Visit

pages = PageSet("rounds_history")
HANDED_ON = ("Content-Type", "Content-Disposition")
BACK = {"href": "/rounds/history", "text": "Back to results over the years"}


def fitting_of(visit: Visit, sets: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the question sets written for the kind of organisation acted for."""
    audience = ANSWERED_BY.get(visit.acting.org_kind)
    return [one for one in sets if one["audience"] == audience]


@pages.page(
    "/rounds/history",
    key="rounds.history",
    title="How have we moved over the years?",
    roles=BOARD,
    shows=Shows.ORGANISATION,
    who_can_see=BY_THE_BOARD_AND_SHARED,
)
def history(visit: Visit) -> ResponseReturnValue:
    """Show each practice's level in every result, the oldest first."""
    found = list(reversed(visit.api.assessment.get("/results")["items"]))
    sets = visit.api.assessment.get("/question-sets")["items"]
    return visit.render(
        "rounds/history.html",
        results=found,
        practices=practices_of(found),
        level_of=level_of,
        several_sets=len({one["question_set_id"] for one in found}) > 1,
        sets=[one for one in fitting_of(visit, sets) if not one["retired_on"]] or sets,
        organises=visit.acting.holds(ORGANISERS),
        back={"href": "/rounds", "text": "Back to self-assessments"},
    )


def practices_of(results: list[Mapping[str, Any]]) -> dict[str, str]:
    """Return the titles of all practices that any result has, as the newest names them."""
    return {each["practice_id"]: each["title"] for one in results for each in one["practices"]}


def level_of(result: Mapping[str, Any], practice_id: str) -> int | None:
    """Return the level of one practice in a result, or None."""
    return next((each["level"] for each in result["practices"] if each["practice_id"] == practice_id), None)


@pages.page(
    "/rounds/history/import",
    key="rounds.history.import",
    title="Bring in an earlier self-assessment",
    roles=ORGANISERS,
    shows=Shows.ORGANISATION,
    who_can_see=BY_THE_BOARD_AND_SHARED,
    takes_file=True,
)
def bring_in(visit: Visit) -> ResponseReturnValue:
    """Hand out the empty file and take the filled one."""
    sets = visit.api.assessment.get("/question-sets")["items"]
    return visit.render("rounds/earlier_import.html", sets=fitting_of(visit, sets) or sets, back=BACK)


@bring_in.submit
def look_at(visit: Visit) -> ResponseReturnValue:
    """Read the file; nothing of it counts yet."""
    file = request.files.get("file")
    if file is None or not file.filename:
        visit.typed.wrong("file", "Choose the file you filled in.")
    visit.typed.check()
    assert file is not None  # noqa: S101 - checked above
    looked_at = visit.api.assessment.upload("/earlier-results", str(file.filename), file.stream)
    return visit.go("rounds.history.one", earlier_id=looked_at["id"])


@pages.page(
    "/rounds/history/<earlier_id>",
    key="rounds.history.one",
    title="An earlier self-assessment",
    roles=BOARD,
    shows=Shows.ORGANISATION,
    who_can_see=BY_THE_BOARD_AND_SHARED,
)
def one(visit: Visit, earlier_id: str) -> ResponseReturnValue:
    """Show what a file says, before and after it is kept as history."""
    found = visit.api.assessment.get(f"/earlier-results/{earlier_id}")
    questions = visit.api.assessment.get(f"/question-sets/{found['question_set_id']}")
    return visit.render(
        "rounds/earlier.html",
        title=found["name"] if found["confirmed"] else "Is this what you want to keep?",
        caption="Done elsewhere, imported" if found["confirmed"] else found["name"],
        earlier=found,
        levels=level_names(questions),
        names=visit.names([found["imported_by"]]),
        organises=visit.acting.holds(ORGANISERS),
        back=BACK,
    )


@one.submit
def keep_or_take_out(visit: Visit, earlier_id: str) -> ResponseReturnValue:
    """Keep it as history, or take it out again."""
    if visit.typed.value("take_out"):
        visit.api.assessment.delete(f"/earlier-results/{earlier_id}")
        return visit.go("rounds.history", done="It is taken out of your history.")
    visit.api.assessment.post(f"/earlier-results/{earlier_id}/confirm")
    return visit.go("rounds.history", done="It is part of your history now, marked as imported.")


@pages.page(
    "/rounds/history/templates/<question_set_id>/<kind>",
    key="rounds.history.template",
    title="The empty file",
    roles=BOARD,
    shows=Shows.ORGANISATION,
    who_can_see=BY_THE_BOARD_AND_SHARED,
)
def empty_file(visit: Visit, question_set_id: str, kind: str) -> ResponseReturnValue:
    """Hand on the empty file."""
    found = visit.api.assessment.download(f"/earlier-results/templates/{question_set_id}/{kind}")
    return Response(found.content, headers={name: found.headers[name] for name in HANDED_ON if name in found.headers})
