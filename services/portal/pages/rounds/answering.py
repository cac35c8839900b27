"""One's own private answers: how far one is, one item, and "I have finished"."""

from collections.abc import Mapping
from typing import Any

from flask.typing import ResponseReturnValue
from werkzeug.exceptions import NotFound

from services.portal.comparing import texts, unless_the_same
from services.portal.forms import Typed
from services.portal.page import Compared, PageSet, Shows
from services.portal.pages.rounds.reading import (
    back_to_round,
    by_id,
    items_of,
    level_names,
    level_options,
    place_of,
    question_set_of,
)
from services.portal.pages.rounds.who import BY_YOU_ALONE, INVITABLE
from services.portal.visit import Visit

pages = PageSet("rounds_answering")
DO_NOT_KNOW = "do-not-know"
DO_NOT_KNOW_OPTION = {
    "value": DO_NOT_KNOW,
    "text": "I do not know enough to say",
    "hint": "This is a real answer. It is counted by itself and changes no level.",
}
LEVELS = ("1", "2", "3", "4", "5")
LABELS = {"level": "Level", "why": "Why", "evidence": "Evidence", "offered": "Offered to the discussion"}
MINUTES_AN_ITEM = 25 / 22
"""A question set of 22 items takes 25 minutes (its own estimate)."""


@pages.page(
    "/rounds/<round_id>/answers",
    key="rounds.answers",
    title="How far am I?",
    roles=INVITABLE,
    shows=Shows.PRIVATE,
    who_can_see=BY_YOU_ALONE,
)
def answers(visit: Visit, round_id: str) -> ResponseReturnValue:
    """List the items in their practices with what one answered."""
    found = visit.api.assessment.get(f"/rounds/{round_id}")
    asked = [one["person_id"] for one in found["respondents"]["people"] or []]
    names = visit.names(asked) if found["state"] == "open" else {}
    return _overview(visit, found, "rounds/answers.html", back_to_round(round_id), asked_names=names)


@pages.page(
    "/rounds/<round_id>/answers/check",
    key="rounds.answers.check",
    title="Did I mean that?",
    roles=INVITABLE,
    shows=Shows.PRIVATE,
    who_can_see=BY_YOU_ALONE,
)
def check(visit: Visit, round_id: str) -> ResponseReturnValue:
    """Show all of one's answers with links to change them."""
    back = {"href": f"/rounds/{round_id}/answers", "text": "Back to your answers"}
    found = visit.api.assessment.get(f"/rounds/{round_id}")
    return _overview(visit, found, "rounds/answers_check.html", back)


@check.submit
def finish(visit: Visit, round_id: str) -> ResponseReturnValue:
    """Say "I have finished", or take it back."""
    if visit.typed.value("unfinish"):
        visit.api.assessment.post(f"/rounds/{round_id}/my-answers/unfinish")
        return visit.go("rounds.answers", round_id=round_id, done="You are answering again.")
    visit.api.assessment.post(f"/rounds/{round_id}/my-answers/finish")
    return visit.go(
        "rounds.show", round_id=round_id, done="Thank you, you have finished. You can change answers until it closes."
    )


def _overview(
    visit: Visit, found: Mapping[str, Any], template: str, back: dict[str, str], **context: Any
) -> ResponseReturnValue:
    mine = visit.api.assessment.get(f"/rounds/{found['id']}/my-answers")
    questions = question_set_of(visit, found)
    answered = by_id(mine["items"], "item_id")
    left = [item["id"] for item in items_of(questions) if item["id"] not in answered]
    return visit.render(
        template,
        round=found,
        caption=found["name"],
        back=back,
        practices=questions["practices"],
        answers=answered,
        names=level_names(questions),
        left=left,
        of=len(items_of(questions)),
        minutes=max(1, round(len(left) * MINUTES_AN_ITEM)),
        finished=mine["finished"],
        how_to_answer=questions.get("how_to_answer"),
        **context,
    )


@pages.page(
    "/rounds/<round_id>/answers/<item_id>",
    key="rounds.answers.item",
    title="Which level is true of us?",
    roles=INVITABLE,
    shows=Shows.PRIVATE,
    who_can_see=BY_YOU_ALONE,
    labels=LABELS,
)
def item(visit: Visit, round_id: str, item_id: str) -> ResponseReturnValue:
    """Ask for one answer."""
    found = visit.api.assessment.get(f"/rounds/{round_id}")
    questions = question_set_of(visit, found)
    place = place_of(questions, item_id)
    if place is None:
        raise NotFound
    mine = visit.api.assessment.get(f"/rounds/{round_id}/my-answers")
    answer = by_id(mine["items"], "item_id").get(item_id, {})
    return visit.render(
        "rounds/answer.html",
        title=place.item["question"],
        caption=f"{place.practice['title']}: {place.number} of {place.of}",
        back={"href": f"/rounds/{round_id}/answers", "text": "Back to your answers"},
        round=found,
        place=place,
        options=[*level_options(place.item), DO_NOT_KNOW_OPTION],
        answer=answer,
        chosen=chosen_value(answer),
        how_to_answer=questions.get("how_to_answer"),
    )


def chosen_value(answer: Mapping[str, Any]) -> str:
    """Return the radio that stands for a saved answer, or an empty string."""
    if answer.get("cannot_judge"):
        return DO_NOT_KNOW
    return str(answer["level"]) if answer.get("level") else ""


@item.submit
def save(visit: Visit, round_id: str, item_id: str) -> ResponseReturnValue:
    """Save one answer and go on to the next item."""
    body = read_answer(visit.typed)
    version = int(visit.typed.value("version", 0))
    path = f"/rounds/{round_id}/my-answers/{item_id}"
    saved = unless_the_same(body, lambda: visit.api.assessment.put(path, body, version=version))
    if visit.background:
        return visit.saved("rounds.answers", saved, round_id=round_id)
    found = visit.api.assessment.get(f"/rounds/{round_id}")
    place = place_of(question_set_of(visit, found), item_id)
    if place is None or place.following is None:
        return visit.go("rounds.answers.check", round_id=round_id)
    return visit.go("rounds.answers.item", round_id=round_id, item_id=place.following)


def read_answer(typed: Typed) -> dict[str, Any]:
    """Return the answer as the service takes it; raises FormRefused when nothing was chosen."""
    chosen = typed.choice("level", (*LEVELS, DO_NOT_KNOW), missing="Choose a level, or say that you do not know.")
    body = {
        "level": int(chosen) if chosen in LEVELS else None,
        "cannot_judge": chosen == DO_NOT_KNOW,
        "why": typed.text("why", longest=5000),
        "evidence": typed.text("evidence", longest=5000),
        "offered": typed.value("offered") == "yes",
    }
    typed.check()
    return body


@item.compare
def compare(visit: Visit, current: Mapping[str, Any]) -> Compared:
    """Say what two saves of one answer differ in."""
    typed, words = visit.typed, {True: "Yes", False: "No"}
    return {
        LABELS["level"]: (level_in_words(typed.value("level")), level_in_words(chosen_value(current))),
        **texts(typed, current, {name: LABELS[name] for name in ("why", "evidence")}),
        LABELS["offered"]: (words[typed.value("offered") == "yes"], words[bool(current.get("offered"))]),
    }


def level_in_words(chosen: str) -> str:
    """Return what a radio of an answer says, or an empty string when none was chosen."""
    return DO_NOT_KNOW_OPTION["text"] if chosen == DO_NOT_KNOW else chosen and f"Level {chosen}"
