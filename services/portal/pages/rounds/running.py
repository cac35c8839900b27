"""Running a self-assessment: who is asked, more time, close, open again, give up."""

from typing import Any

from flask.typing import ResponseReturnValue

from services.portal.page import PageSet, Shows
from services.portal.pages.rounds.opening import executive_of, people_to_ask
from services.portal.pages.rounds.reading import back_to_round
from services.portal.pages.rounds.who import BY_ORGANISERS, ORGANISERS, RUNNERS
from services.portal.visit import Visit

pages = PageSet("rounds_running")
FEWEST_FOR_A_RANGE = 5


def _shown(visit: Visit, round_id: str, template: str, **context: Any) -> ResponseReturnValue:
    found = visit.api.assessment.get(f"/rounds/{round_id}")
    return visit.render(
        f"rounds/{template}.html", round=found, caption=found["name"], back=back_to_round(round_id), **context
    )


@pages.page(
    "/rounds/<round_id>/close",
    key="rounds.close",
    title="Is it time to close answering?",
    roles=RUNNERS,
    shows=Shows.ORGANISATION,
    who_can_see=BY_ORGANISERS,
)
def close(visit: Visit, round_id: str) -> ResponseReturnValue:
    """Say who has finished and what closing does."""
    return _shown(visit, round_id, "close", fewest=FEWEST_FOR_A_RANGE)


@close.submit
def do_close(visit: Visit, round_id: str) -> ResponseReturnValue:
    """Close answering."""
    visit.api.assessment.post(f"/rounds/{round_id}/close")
    return visit.go("rounds.discussion", round_id=round_id, done="Answering is closed. This is where the views differ.")


@pages.page(
    "/rounds/<round_id>/extend",
    key="rounds.extend",
    title="Give people more time?",
    roles=ORGANISERS,
    shows=Shows.ORGANISATION,
    who_can_see=BY_ORGANISERS,
)
def extend(visit: Visit, round_id: str) -> ResponseReturnValue:
    """Ask for a later closing date."""
    return _shown(visit, round_id, "extend")


@extend.submit
def do_extend(visit: Visit, round_id: str) -> ResponseReturnValue:
    """Set the later date."""
    closes = visit.typed.day("closes_on", missing="Enter the new closing date.")
    discussion = visit.typed.day("discussion_on")
    visit.typed.check()
    body = {
        "closes_on": closes.isoformat() if closes else None,
        "discussion_on": discussion.isoformat() if discussion else None,
    }
    visit.api.assessment.post(f"/rounds/{round_id}/extend", body)
    return visit.go("rounds.show", round_id=round_id, done="People have more time, and are told so.")


@pages.page(
    "/rounds/<round_id>/reopen",
    key="rounds.reopen",
    title="Open answering again?",
    roles=RUNNERS,
    shows=Shows.ORGANISATION,
    who_can_see=BY_ORGANISERS,
)
def reopen(visit: Visit, round_id: str) -> ResponseReturnValue:
    """Say what opening again does, and ask why."""
    return _shown(visit, round_id, "reopen")


@reopen.submit
def do_reopen(visit: Visit, round_id: str) -> ResponseReturnValue:
    """Let people answer again."""
    reason = visit.typed.text("reason", missing="Say why answering is opened again: everybody invited sees it.")
    closes = visit.typed.day("closes_on")
    visit.typed.check()
    body = {"reason": reason, "closes_on": closes.isoformat() if closes else None}
    visit.api.assessment.post(f"/rounds/{round_id}/reopen", body)
    return visit.go("rounds.show", round_id=round_id, done="People can answer again, and are told so.")


@pages.page(
    "/rounds/<round_id>/abandon",
    key="rounds.abandon",
    title="Give this self-assessment up?",
    roles=RUNNERS,
    shows=Shows.ORGANISATION,
    who_can_see=BY_ORGANISERS,
)
def abandon(visit: Visit, round_id: str) -> ResponseReturnValue:
    """Say what giving up does, and ask why."""
    return _shown(visit, round_id, "abandon")


@abandon.submit
def do_abandon(visit: Visit, round_id: str) -> ResponseReturnValue:
    """Give it up."""
    reason = visit.typed.text("reason", missing="Say why it is given up: everybody invited sees it.")
    visit.typed.check()
    visit.api.assessment.post(f"/rounds/{round_id}/abandon", {"reason": reason})
    return visit.go("rounds", done="The self-assessment was given up.")


@pages.page(
    "/rounds/<round_id>/respondents",
    key="rounds.respondents",
    title="Who is asked to answer?",
    roles=ORGANISERS,
    shows=Shows.ORGANISATION,
    who_can_see=BY_ORGANISERS,
)
def respondents(visit: Visit, round_id: str) -> ResponseReturnValue:
    """List who is asked, and who could be."""
    found = visit.api.assessment.get(f"/rounds/{round_id}")
    asked = found["respondents"]["people"] or []
    ids = {one["person_id"] for one in asked}
    others = [person for person in people_to_ask(visit) if person["person_id"] not in ids]
    return visit.render(
        "rounds/respondents.html",
        round=found,
        caption=found["name"],
        back=back_to_round(round_id),
        asked=asked,
        unfinished=set(found["respondents"]["not_finished"] or []),
        names=visit.names(ids),
        options=[{"value": person["person_id"], "text": person["name"]} for person in others],
    )


@respondents.submit
def invite(visit: Visit, round_id: str) -> ResponseReturnValue:
    """Ask one more person."""
    person = visit.typed.text("respondents", missing="Choose a person.")
    part = executive_of(visit.typed.value("part"))
    visit.typed.check()
    body = {"respondents": [{"person_id": person, "executive": part}]}
    visit.api.assessment.post(f"/rounds/{round_id}/respondents", body)
    return visit.go("rounds.respondents", round_id=round_id, done="The person is asked to answer.")


@pages.act("/rounds/<round_id>/remind", key="rounds.remind", roles=ORGANISERS, back_to="rounds.show")
def remind(visit: Visit, round_id: str) -> ResponseReturnValue:
    """Ask those who have not finished once more."""
    visit.api.assessment.post(f"/rounds/{round_id}/remind")
    return visit.go("rounds.show", round_id=round_id, done="Everybody who has not finished is reminded.")


@pages.act(
    "/rounds/<round_id>/respondents/<person_id>/remove",
    key="rounds.respondents.remove",
    roles=ORGANISERS,
    back_to="rounds.respondents",
)
def remove(visit: Visit, round_id: str, person_id: str) -> ResponseReturnValue:
    """Take somebody out."""
    visit.api.assessment.delete(f"/rounds/{round_id}/respondents/{person_id}")
    return visit.go("rounds.respondents", round_id=round_id, done="The person is no longer asked to answer.")
