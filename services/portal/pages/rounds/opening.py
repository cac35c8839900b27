"""Starting a self-assessment: one form, then the invitation exactly as people get it, then sending."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from flask import g, redirect, url_for
from flask.typing import ResponseReturnValue

from services.portal.forms import Typed
from services.portal.page import PageSet, Shows
from services.portal.pages.question_sets import ANSWERED_BY, IN_USE, status_of
from services.portal.pages.rounds import pasting
from services.portal.pages.rounds.who import BY_ORGANISERS, ORGANISERS
from services.portal.visit import Visit
from services.portal.words import counted
from shared.clock import local_day
from shared.contracts.roles import Role, answering_roles

pages = PageSet("rounds_opening")
ON_THE_BOARD = frozenset({Role.BOARD_MEMBER.value, Role.CHAIR.value, Role.CHIEF_EXECUTIVE.value})
FEWEST_FOR_A_RANGE = 5
PARTS = ("executive", "non_executive", "")
CHECK_TITLE = "Is this what you want to send?"
NO_DATE = "Enter the day on which answering closes."


@pages.page(
    "/rounds/new",
    key="rounds.new",
    title="Start a self-assessment",
    roles=ORGANISERS,
    shows=Shows.ORGANISATION,
    who_can_see=BY_ORGANISERS,
)
def new(visit: Visit) -> ResponseReturnValue:
    """Ask for name, dates and people."""
    return _form(visit)


@new.submit
def look_before_sending(visit: Visit) -> ResponseReturnValue:
    """Show the check page when everything fits, or the form again."""
    if visit.typed.value("change"):
        return _form(visit)
    read_form(visit, visit.typed)
    return check_page(visit)


def _form(visit: Visit) -> ResponseReturnValue:
    before = _people_before(visit)
    people = people_to_ask(visit)
    return visit.render(
        "rounds/new.html",
        back={"href": "/rounds", "text": "Back to self-assessments"},
        sets=question_sets_for(visit),
        people=[person | _suggested(person, before) for person in people],
        from_before=bool(before),
    )


@pages.page(
    "/rounds/new/check",
    key="rounds.new.check",
    title=CHECK_TITLE,
    roles=ORGANISERS,
    shows=Shows.ORGANISATION,
    who_can_see=BY_ORGANISERS,
)
def check(visit: Visit) -> ResponseReturnValue:
    """Show again what was chosen; without anything chosen, the form."""
    if not visit.typed:
        return redirect(url_for("rounds.new"), 303)
    return check_page(visit)


@check.submit
def open_round(visit: Visit) -> ResponseReturnValue:
    """Open the self-assessment: the invitations go out."""
    body = read_form(visit, visit.typed)
    invited = 0
    if pasting.may_invite(visit):
        invited = pasting.invite(visit, pasting.match(visit, visit.typed, people_to_ask(visit)).unknown)
    opened = visit.api.assessment.post("/rounds", body)
    sent = f"Answering is open. The invitations to {len(body['respondents'])} people are on their way."
    if invited:
        more = counted(invited, "more person is", "more people are")
        sent += f" {more} invited to the service first; ask them to answer when they have accepted."
    return visit.go("rounds.show", round_id=opened["id"], done=sent)


def check_page(visit: Visit) -> ResponseReturnValue:
    """Show what will be sent, with everything typed kept in the page."""
    typed = visit.typed
    people = people_to_ask(visit)
    matched = pasting.match(visit, typed, people)
    chosen = {*typed.values("people"), *matched.known}
    kept = [(name, value) for name, values in typed.fields.items() if name not in NOT_KEPT for value in values]
    return visit.render(
        "rounds/new_check.html",
        title=CHECK_TITLE,
        kept=kept,
        invited=[person["name"] for person in people if person["person_id"] in chosen],
        unknown=[line.words for line in matched.unknown],
        may_invite=pasting.may_invite(visit),
        compares_sides=typed.value("compares_sides") == "yes",
        closes_on=Typed(typed.fields).day("closes_on"),
        discussion_on=Typed(typed.fields).day("discussion_on"),
        few=len(chosen) < FEWEST_FOR_A_RANGE,
    )


NOT_KEPT = frozenset({"csrf_token", "form_key", "change"})


def read_form(visit: Visit, typed: Typed) -> dict[str, Any]:
    """Return what is to be opened; raises FormRefused naming every field that does not fit."""
    sets = [one["id"] for one in question_sets_for(visit)]
    body: dict[str, Any] = {
        "question_set_id": typed.choice("question_set_id", sets, missing="Choose a question set."),
        "name": typed.text("name", missing="Enter a name, for example Spring 2027.", longest=200),
        "note": typed.text("note", longest=5000),
    }
    closes, discussion = typed.day("closes_on", missing=NO_DATE), typed.day("discussion_on")
    check_days(typed, closes, discussion, local_day(g.now))
    pasted = pasting.match(visit, typed, people_to_ask(visit)).known
    people = [*dict.fromkeys([*typed.values("people"), *pasted])]
    if len(people) < 2:
        typed.wrong("people", "Choose at least 2 people. A range of views shows from 5 people up.")
    typed.check()
    body["closes_on"] = closes.isoformat() if closes else None
    body["discussion_on"] = discussion.isoformat() if discussion else None
    body["respondents"] = [
        {"person_id": person, "executive": executive_of(pasted.get(person) or typed.value(f"part-{person}"))}
        for person in people
    ]
    body["compares_sides"] = typed.value("compares_sides") == "yes"
    body["ranges_held_back"] = typed.value("ranges_shown") == "in-the-meeting"
    return body


def check_days(typed: Typed, closes: date | None, discussion: date | None, today: date) -> None:
    """Note what is wrong with the two dates."""
    if closes is not None and closes < today:
        typed.wrong("closes_on-day", "Answering must close today or later.")
    if closes is not None and discussion is not None and discussion < closes:
        typed.wrong("discussion_on-day", "The board must discuss on the day answering closes, or later.")


def executive_of(part: str) -> bool | None:
    """Return what the form says about a person: executive, non-executive, or neither."""
    return {"executive": True, "non_executive": False}.get(part)


def question_sets_for(visit: Visit) -> list[Mapping[str, Any]]:
    """Return the question sets in use today that were written for this kind of organisation."""
    audience = ANSWERED_BY.get(visit.acting.org_kind)
    found = visit.api.assessment.get("/question-sets")["items"]
    today = local_day(g.now)
    return [one for one in found if one["audience"] == audience and status_of(one, today) == IN_USE]


def people_to_ask(visit: Visit) -> list[dict[str, Any]]:
    """Return everybody of the organisation with a role whose holders are asked to answer."""
    roles = {entry.role.value for entry in answering_roles(visit.acting.kind_for_roles)}
    return [person for person in _people_here(visit) if roles & {held["role"] for held in person["roles"]}]


def _people_here(visit: Visit) -> list[dict[str, Any]]:
    people: list[dict[str, Any]] = []
    cursor: str | None = None
    while True:
        found = visit.api.directory.get("/people", cursor=cursor)
        people += found["items"]
        cursor = found.get("next")
        if cursor is None or len(people) >= 500:
            return people


def _people_before(visit: Visit) -> dict[str, Any]:
    """Return who answered the newest self-assessment, with their part, so that nobody is typed twice."""
    rounds = visit.api.assessment.get("/rounds")["items"]
    if not rounds:
        return {}
    asked = visit.api.assessment.get(f"/rounds/{rounds[0]['id']}")["respondents"]["people"] or []
    return {one["person_id"]: one["executive"] for one in asked}


def _suggested(person: Mapping[str, Any], before: Mapping[str, Any]) -> dict[str, Any]:
    """Return whether a person is ticked beforehand, and as what."""
    roles = {role["role"] for role in person["roles"]}
    if before:
        executive = before.get(person["person_id"])
        return {"ticked": person["person_id"] in before, "part": _part(executive)}
    return {"ticked": bool(roles & ON_THE_BOARD), "part": part_of(roles)}


def _part(executive: bool | None) -> str:
    return {True: "executive", False: "non_executive"}.get(executive, "") if executive is not None else ""


def part_of(roles: Sequence[str] | set[str]) -> str:
    """Return what a role says about the part: a chief executive is executive, a chair is not."""
    if Role.CHIEF_EXECUTIVE.value in roles:
        return "executive"
    return "non_executive" if Role.CHAIR.value in roles else ""
