"""The meeting: an agenda to print, 45 minutes with a timer, what is put aside, and ranges shown when it is time."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from flask import g, request
from flask.typing import ResponseReturnValue

from services.portal.page import PageSet, Shows
from services.portal.pages.rounds import ranges
from services.portal.pages.rounds.reading import items_of, level_names, not_yet, question_set_of
from services.portal.pages.rounds.who import BOARD, BY_THE_BOARD, RUNNERS
from services.portal.visit import Visit
from services.portal.words import as_time
from shared.clock import LONDON

pages = PageSet("rounds_meeting")
MEETING_MINUTES = 45
BEFORE_THE_END = 3
"""Minutes kept for agreeing the rest together."""
TIME_OF_DAY = re.compile(r"(\d{1,2})(?:[:.](\d{2}))? ?(am|pm)?")


@dataclass(frozen=True, slots=True)
class Slot:
    """One item of a meeting with its time; without a beginning the times are minutes from it."""

    item: Mapping[str, Any]
    question: Mapping[str, Any]
    begins: str
    ends: str
    ends_at: str


@pages.page(
    "/rounds/<round_id>/discussion/agenda",
    key="rounds.agenda",
    title="Agenda for the discussion",
    roles=BOARD,
    shows=Shows.ORGANISATION,
    who_can_see=BY_THE_BOARD,
)
def agenda(visit: Visit, round_id: str) -> ResponseReturnValue:
    """Show 45 minutes for the six widest items, with the questions to ask each other; `?from=14:00` gives it times."""
    found = visit.api.assessment.get(f"/rounds/{round_id}")
    if (too_early := not_yet(visit, found)) is not None:
        return too_early
    table = visit.api.assessment.get(f"/rounds/{round_id}/discussion")
    questions = question_set_of(visit, found)
    typed = request.args.get("from", "").strip()
    begins = beginning(typed, g.now)
    if typed and begins is None:
        visit.errors = [{"field": "from", "message": "Enter a time, for example 14:00."}]
    widest = [item for item in ranges.in_meeting_order(table, "widest") if item["agreement"] is None][: ranges.WIDEST]
    others = [item for item in table["items"] if item["agreement"] is None and item not in widest]
    return visit.render(
        "rounds/agenda.html",
        round=found,
        caption=found["name"],
        back={"href": f"/rounds/{round_id}/discussion", "text": "Back to the discussion"},
        slots=slots(widest, {one["id"]: one for one in items_of(questions)}, begins),
        others=others,
        names=level_names(questions),
        begins=as_time(begins) if begins else None,
        typed=typed or g.now.astimezone(LONDON).strftime("%H:%M"),
        minutes=MEETING_MINUTES,
        last=BEFORE_THE_END,
    )


def beginning(typed: str, now: datetime) -> datetime | None:
    """Return today's moment for "14:00", "9:30" or "2:30pm", or None for anything else."""
    said = TIME_OF_DAY.fullmatch(typed.strip().lower())
    if said is None or not (said[2] or said[3]):  # a bare "9" may be morning or evening
        return None
    hour, minute = int(said[1]), int(said[2] or 0)
    if said[3]:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if said[3] == "pm" else 0)
    if hour > 23 or minute > 59:
        return None
    return datetime.combine(now.astimezone(LONDON).date(), time(hour, minute), tzinfo=LONDON)


def slots(
    items: Sequence[Mapping[str, Any]], questions: Mapping[str, Mapping[str, Any]], begins: datetime | None
) -> list[Slot]:
    """Share the meeting's minutes among the items, in whole minutes."""
    each = (MEETING_MINUTES - BEFORE_THE_END) // max(len(items), 1)
    made = []
    for number, item in enumerate(items):
        start, end = timedelta(minutes=each * number), timedelta(minutes=each * (number + 1))
        made.append(
            Slot(
                item=item,
                question=questions[item["item_id"]],
                begins=_said(begins, start),
                ends=_said(begins, end),
                ends_at=(begins + end).isoformat() if begins else "",
            )
        )
    return made


def _said(begins: datetime | None, after: timedelta) -> str:
    return as_time(begins + after) if begins else f"minute {after // timedelta(minutes=1)}"


@pages.act(
    "/rounds/<round_id>/discussion/<item_id>/aside", key="rounds.aside", roles=RUNNERS, back_to="rounds.discussion.item"
)
def put_aside(visit: Visit, round_id: str, item_id: str) -> ResponseReturnValue:
    """Come back to this item later, and go on with the next one."""
    visit.api.assessment.put(f"/rounds/{round_id}/come-back/{item_id}", {})
    table = visit.api.assessment.get(f"/rounds/{round_id}/discussion")
    following = ranges.next_item(table, after=item_id)
    done = "You come back to that one later. The next one:"
    if following in (None, item_id):
        return visit.go("rounds.discussion", round_id=round_id, done="You come back to that one later.")
    return visit.go("rounds.discussion.item", round_id=round_id, item_id=following, done=done)


@pages.act(
    "/rounds/<round_id>/discussion/<item_id>/take-up",
    key="rounds.take-up",
    roles=RUNNERS,
    back_to="rounds.discussion.item",
)
def take_up(visit: Visit, round_id: str, item_id: str) -> ResponseReturnValue:
    """Take an item up again."""
    visit.api.assessment.delete(f"/rounds/{round_id}/come-back/{item_id}")
    return visit.go("rounds.discussion.item", round_id=round_id, item_id=item_id)


@pages.act("/rounds/<round_id>/discussion/show", key="rounds.show-ranges", roles=RUNNERS, back_to="rounds.discussion")
def show_ranges(visit: Visit, round_id: str) -> ResponseReturnValue:
    """Let the board see the ranges that were held back."""
    visit.api.assessment.post(f"/rounds/{round_id}/show-ranges")
    return visit.go("rounds.discussion", round_id=round_id, done="The board can see the ranges of views now.")
