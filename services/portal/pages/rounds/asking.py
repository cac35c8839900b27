"""Asking about an item of the results, and the improvement lead's answers."""

from collections.abc import Mapping
from typing import Any

from flask import Response
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import NotFound

from services.portal.page import PageSet, Shows
from services.portal.pages.rounds.reading import items_of, place_of, question_set_of
from services.portal.pages.rounds.who import BOARD, BY_THE_BOARD_AND_SHARED, RUNNERS
from services.portal.visit import Visit

pages = PageSet("rounds_asking")
LONGEST = 2000
HANDED_ON = ("Content-Type", "Content-Disposition")


def back_to_results(round_id: str) -> dict[str, str]:
    """Return the link back to the results."""
    return {"href": f"/rounds/{round_id}/results", "text": "Back to the results"}


@pages.page(
    "/rounds/<round_id>/results/<item_id>/ask",
    key="rounds.ask",
    title="What do you want to know?",
    roles=BOARD,
    shows=Shows.ORGANISATION,
    who_can_see="Your board and the improvement lead, with your name.",
    labels={"question": "Question"},
)
def ask(visit: Visit, round_id: str, item_id: str) -> ResponseReturnValue:
    """Ask about one item."""
    found = visit.api.assessment.get(f"/rounds/{round_id}")
    place = place_of(question_set_of(visit, found), item_id)
    if place is None:
        raise NotFound
    return visit.render(
        "rounds/ask.html", round=found, caption=place.item["title"], place=place, back=back_to_results(round_id)
    )


@ask.submit
def do_ask(visit: Visit, round_id: str, item_id: str) -> ResponseReturnValue:
    """Send the question; the improvement lead is told."""
    question = visit.typed.text("question", missing="Write your question.", longest=LONGEST)
    visit.typed.check()
    visit.api.assessment.post(f"/rounds/{round_id}/items/{item_id}/questions", {"question": question})
    done = "Your question is sent to the improvement lead. You are told when it is answered."
    return visit.go("rounds.questions", round_id=round_id, done=done)


@pages.page(
    "/rounds/<round_id>/questions",
    key="rounds.questions",
    title="What was asked about the results?",
    roles=BOARD,
    shows=Shows.ORGANISATION,
    who_can_see=BY_THE_BOARD_AND_SHARED,
)
def questions(visit: Visit, round_id: str) -> ResponseReturnValue:
    """List the questions with their answers."""
    found = visit.api.assessment.get(f"/rounds/{round_id}")
    asked = visit.api.assessment.get(f"/rounds/{round_id}/questions")["items"]
    return visit.render(
        "rounds/questions.html",
        round=found,
        caption=found["name"],
        back=back_to_results(round_id),
        asked=asked,
        titles={item["id"]: item["title"] for item in items_of(question_set_of(visit, found))},
        names=visit.names(one[who] for one in asked for who in ("asked_by", "answered_by")),
        answers=visit.acting.holds(RUNNERS),
    )


@pages.page(
    "/rounds/<round_id>/questions/<question_id>",
    key="rounds.questions.answer",
    title="What is your answer?",
    roles=RUNNERS,
    shows=Shows.ORGANISATION,
    who_can_see=BY_THE_BOARD_AND_SHARED,
    labels={"text": "Answer"},
)
def answer(visit: Visit, round_id: str, question_id: str) -> ResponseReturnValue:
    """Show one question and ask for the answer."""
    found = visit.api.assessment.get(f"/rounds/{round_id}")
    question = _question(visit, round_id, question_id)
    return visit.render(
        "rounds/answer_question.html",
        round=found,
        caption=found["name"],
        question=question,
        names=visit.names([question["asked_by"]]),
        back={"href": f"/rounds/{round_id}/questions", "text": "Back to the questions"},
    )


def _question(visit: Visit, round_id: str, question_id: str) -> Mapping[str, Any]:
    asked: list[Mapping[str, Any]] = visit.api.assessment.get(f"/rounds/{round_id}/questions")["items"]
    question = next((one for one in asked if one["id"] == question_id), None)
    if question is None:
        raise NotFound
    return question


@answer.submit
def do_answer(visit: Visit, round_id: str, question_id: str) -> ResponseReturnValue:
    """Send the answer; whoever asked is told."""
    text = visit.typed.text("text", missing="Write your answer.", longest=LONGEST)
    visit.typed.check()
    visit.api.assessment.post(f"/rounds/{round_id}/questions/{question_id}/answer", {"text": text})
    return visit.go("rounds.questions", round_id=round_id, done="Answered. The one who asked is told.")


@pages.page(
    "/rounds/<round_id>/results/files/<kind>",
    key="rounds.results.file",
    title="The result as a file",
    roles=BOARD,
    shows=Shows.ORGANISATION,
    who_can_see=BY_THE_BOARD_AND_SHARED,
)
def as_file(visit: Visit, round_id: str, kind: str) -> ResponseReturnValue:
    """Hand on the file as the service made it."""
    found = visit.api.assessment.download(f"/rounds/{round_id}/result/files/{kind}")
    return Response(found.content, headers={name: found.headers[name] for name in HANDED_ON if name in found.headers})
