"""The board's discussion: where views differ, what is agreed, one overall level a practice, and asking for sign-off."""

from collections.abc import Mapping
from typing import Any

from flask import request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import NotFound

from services.portal.api import Refused, Stale
from services.portal.comparing import texts, unless_the_same
from services.portal.forms import Typed
from services.portal.page import Compared, PageSet, Shows
from services.portal.pages.rounds import ranges
from services.portal.pages.rounds.evidence import evidence_on
from services.portal.pages.rounds.reading import (
    back_to_round,
    by_id,
    level_names,
    level_options,
    not_yet,
    place_of,
    question_set_of,
)
from services.portal.pages.rounds.who import BOARD, BY_THE_BOARD, RUNNERS
from services.portal.visit import Visit

pages = PageSet("rounds_discussing")
LEVELS = ("1", "2", "3", "4", "5")
LABELS = {
    "level": "Agreed level",
    "reason": "Reason",
    "evidence": "Evidence",
    "differed": "Views that differed",
    "aim_level": "Where in 12 months",
}


def one_of(name: str, among: dict[str, str], default: str) -> str:
    """Return a choice from the address, or the default for one we do not know."""
    chosen = request.args.get(name, default)
    return chosen if chosen in among else default


@pages.page(
    "/rounds/<round_id>/discussion",
    key="rounds.discussion",
    title="Where do we differ, and what have we agreed?",
    roles=BOARD,
    shows=Shows.ORGANISATION,
    who_can_see=BY_THE_BOARD,
)
def discussion(visit: Visit, round_id: str) -> ResponseReturnValue:
    """List the items with their range of views and agreed level."""
    found = visit.api.assessment.get(f"/rounds/{round_id}")
    if (too_early := not_yet(visit, found)) is not None:
        return too_early
    table = visit.api.assessment.get(f"/rounds/{round_id}/discussion")
    names = level_names(question_set_of(visit, found))
    order, shown = one_of("order", ranges.ORDERS, "widest"), one_of("show", ranges.SHOWN, "all")
    records = visit.acting.holds(RUNNERS) and found["state"] == "closed"
    return visit.render(
        "rounds/discussion.html",
        round=found,
        caption=found["name"],
        back=back_to_round(round_id),
        table=table,
        chosen=ranges.chosen_items(table, order, shown),
        order=order,
        shown=shown,
        orders=ranges.ORDERS,
        filters=ranges.SHOWN,
        names=names,
        bars=ranges.bars,
        records=records,
        together=ranges.together_options(table, names) if records else [],
        next_item=ranges.next_item(table),
    )


@pages.act("/rounds/<round_id>/discussion/together", key="rounds.together", roles=RUNNERS, back_to="rounds.discussion")
def together(visit: Visit, round_id: str) -> ResponseReturnValue:
    """Agree the ticked items at the level most people chose."""
    if not visit.typed.values("items"):
        visit.typed.wrong("items", "Tick at least one item to agree together.")
    visit.typed.check()
    answer = visit.api.assessment.post(f"/rounds/{round_id}/agreements", {"item_ids": visit.typed.values("items")})
    agreed = len(answer["agreed"])
    return visit.go(
        "rounds.discussion", round_id=round_id, done=f"Agreed together: {agreed} {'item' if agreed == 1 else 'items'}."
    )


@pages.page(
    "/rounds/<round_id>/discussion/<item_id>",
    key="rounds.discussion.item",
    title="What is true of us?",
    roles=BOARD,
    shows=Shows.ORGANISATION,
    who_can_see=BY_THE_BOARD,
    labels=LABELS,
)
def item(visit: Visit, round_id: str, item_id: str) -> ResponseReturnValue:
    """Show the range of views on one item and what is agreed; `?large=true` is for a projector."""
    found = visit.api.assessment.get(f"/rounds/{round_id}")
    if (too_early := not_yet(visit, found)) is not None:
        return too_early
    table = visit.api.assessment.get(f"/rounds/{round_id}/discussion")
    place = place_of(question_set_of(visit, found), item_id)
    views = by_id(table["items"], "item_id").get(item_id)
    if place is None or views is None:
        raise NotFound
    large = request.args.get("large") == "true"
    agreement = views["agreement"] or {}
    return visit.render(
        "rounds/discussion_item.html",
        title=place.item["question"],
        caption=f"{place.practice['title']}: {place.number} of {place.of}",
        back={"href": f"/rounds/{round_id}/discussion", "text": "Back to the discussion"},
        round=found,
        place=place,
        views=views,
        agreement=agreement,
        levels=[(level["level"], f"{level['level']}. {level['name']}") for level in place.item["levels"]],
        options=level_options(place.item),
        own=None if large else _own_answer(visit, found, item_id),
        records=visit.acting.holds(RUNNERS) and found["state"] == "closed",
        large=large,
        evidence=evidence_on(visit, round_id, item_id),
        recorded_by=visit.names([agreement.get("recorded_by")]).get(agreement.get("recorded_by", "")),
    )


def _own_answer(visit: Visit, found: dict[str, Any], item_id: str) -> Any:
    """Return one's own answer, for one's own device, or None."""
    if not found["i_am_respondent"]:
        return None
    nothing: dict[str, Any] = {"items": []}
    ask = visit.api.assessment.get
    mine = visit.optional("assessment", lambda: ask(f"/rounds/{found['id']}/my-answers"), nothing)
    return by_id(mine["items"], "item_id").get(item_id)


@item.submit
def record(visit: Visit, round_id: str, item_id: str) -> ResponseReturnValue:
    """Record the agreed level and go on to the next item without one."""
    body = read_agreement(visit.typed)
    version = int(visit.typed.value("version", 0))
    path = f"/rounds/{round_id}/agreements/{item_id}"
    saved = unless_the_same(body, lambda: visit.api.assessment.put(path, body, version=version))
    if visit.background:
        return visit.saved("rounds.discussion", saved, round_id=round_id)
    following = ranges.next_item(visit.api.assessment.get(f"/rounds/{round_id}/discussion"))
    if following is None:
        return visit.go("rounds.practices", round_id=round_id, done="Recorded. Every item has its level now.")
    return visit.go("rounds.discussion.item", round_id=round_id, item_id=following, done="Recorded. The next one:")


@item.compare
def compare(visit: Visit, current: Mapping[str, Any]) -> Compared:
    """Say what two records of one agreement differ in."""
    return texts(visit.typed, current, LABELS)


def read_agreement(typed: Typed) -> dict[str, Any]:
    """Return the agreement as the service takes it; raises FormRefused when no level was chosen."""
    level = typed.choice("level", LEVELS, missing="Choose the level you agreed.")
    aim = typed.value("aim_level")
    body = {
        "level": int(level) if level in LEVELS else None,
        "reason": typed.text("reason", longest=5000),
        "evidence": typed.text("evidence", longest=5000),
        "differed": typed.text("differed", longest=5000),
        "aim_level": int(aim) if aim in LEVELS else None,
    }
    typed.check()
    return body


@pages.page(
    "/rounds/<round_id>/discussion/practices",
    key="rounds.practices",
    title="Overall, where is each practice?",
    roles=BOARD,
    shows=Shows.ORGANISATION,
    who_can_see=BY_THE_BOARD,
)
def practices(visit: Visit, round_id: str) -> ResponseReturnValue:
    """Show the agreed items of each practice and ask for one overall level each."""
    found = visit.api.assessment.get(f"/rounds/{round_id}")
    if (too_early := not_yet(visit, found)) is not None:
        return too_early
    table = visit.api.assessment.get(f"/rounds/{round_id}/discussion")
    return visit.render(
        "rounds/practices.html",
        round=found,
        caption=found["name"],
        back={"href": f"/rounds/{round_id}/discussion", "text": "Back to the discussion"},
        table=table,
        items_in=lambda practice_id: ranges.agreed_in(table, practice_id),
        names=level_names(question_set_of(visit, found)),
        records=visit.acting.holds(RUNNERS) and found["state"] == "closed",
    )


@practices.submit
def record_practices(visit: Visit, round_id: str) -> ResponseReturnValue:
    """Record the overall levels that were chosen or changed; those left out can be chosen later."""
    table = visit.api.assessment.get(f"/rounds/{round_id}/discussion")
    typed = visit.typed
    chosen = [(one, typed.value(f"level-{one['practice_id']}")) for one in table["practices"]]
    if not any(level in LEVELS for _, level in chosen):
        typed.wrong(
            f"level-{table['practices'][0]['practice_id']}", "Choose the overall level of at least one practice."
        )
    typed.check()
    for one, level in chosen:
        if level in LEVELS and int(level) != one["level"]:
            _record_practice(visit, round_id, one["practice_id"], int(level))
    typed.check()
    left = sum(level not in LEVELS for _, level in chosen)
    if left:
        done = f"Recorded. {left} of {len(chosen)} {'is' if left == 1 else 'are'} still open."
        return visit.go("rounds.practices", round_id=round_id, done=done)
    return visit.go("rounds.agree", round_id=round_id, done="Recorded. Each practice has its overall level now.")


def _record_practice(visit: Visit, round_id: str, practice_id: str, level: int) -> None:
    """Record one level; when somebody recorded another meanwhile, say which at its field."""
    version = int(visit.typed.value(f"version-{practice_id}", 0))
    path = f"/rounds/{round_id}/practice-levels/{practice_id}"
    try:
        visit.api.assessment.put(path, {"level": level}, version=version)
    except Stale as stale:
        other = stale.current.get("level")
        if other != level:
            message = f"Somebody else recorded level {other} meanwhile. Choose again, and press the button again."
            visit.typed.wrong(f"level-{practice_id}", message)


@pages.page(
    "/rounds/<round_id>/agree",
    key="rounds.agree",
    title="Ask the chair to sign off?",
    roles=RUNNERS,
    shows=Shows.ORGANISATION,
    who_can_see=BY_THE_BOARD,
)
def agree(visit: Visit, round_id: str) -> ResponseReturnValue:
    """Say what is still open, or what asking does."""
    found = visit.api.assessment.get(f"/rounds/{round_id}")
    table: dict[str, Any] = {"items": [], "practices": []}
    if found["state"] == "closed":
        table = visit.api.assessment.get(f"/rounds/{round_id}/discussion")
    return visit.render(
        "rounds/agree.html",
        round=found,
        caption=found["name"],
        back={"href": f"/rounds/{round_id}/discussion", "text": "Back to the discussion"},
        open_items=ranges.open_titles(table),
    )


@agree.submit
def put_forward(visit: Visit, round_id: str) -> ResponseReturnValue:
    """Put the agreed levels forward: the plan is drafted, the chair is asked."""
    try:
        visit.api.assessment.post(f"/rounds/{round_id}/agree")
    except Refused:
        if visit.api.assessment.get(f"/rounds/{round_id}")["state"] != "agreed":
            raise
    return visit.go(
        "rounds.show",
        round_id=round_id,
        done="The chair and chief executive are asked to sign off. The plan is drafted.",
    )
