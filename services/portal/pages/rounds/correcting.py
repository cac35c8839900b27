"""Putting a signed result right: one level at a time, with the reason, as a new version."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from flask.typing import ResponseReturnValue

from services.portal.forms import Typed
from services.portal.page import PageSet, Shows
from services.portal.pages.rounds.reading import level_names, question_set_of
from services.portal.pages.rounds.who import BY_THE_BOARD_AND_SHARED, SIGNERS
from services.portal.visit import Visit

pages = PageSet("rounds_correcting")
WHO = replace(
    BY_THE_BOARD_AND_SHARED,
    below_an_icb=f"{BY_THE_BOARD_AND_SHARED.below_an_icb} What you share is corrected as well.",
)
LEVELS = ("1", "2", "3", "4", "5")
ITEM, PRACTICE = "item", "practice"


@pages.page(
    "/rounds/<round_id>/correct",
    key="rounds.correct",
    title="What was signed wrongly?",
    roles=SIGNERS,
    shows=Shows.ORGANISATION,
    who_can_see=WHO,
    labels={"version": "Version"},
)
def correct(visit: Visit, round_id: str) -> ResponseReturnValue:
    """Ask what is put right and why, and say what a correction does."""
    found = visit.api.assessment.get(f"/rounds/{round_id}")
    signed = found["state"] == "signed_off"
    view = visit.api.assessment.get(f"/rounds/{round_id}/result") if signed else None
    names = level_names(question_set_of(visit, found))
    return visit.render(
        "rounds/correct.html",
        round=found,
        caption=found["name"],
        back={"href": f"/rounds/{round_id}/results", "text": "Back to the results"},
        view=view,
        things=things_of(view["result"], names) if view else [],
        levels=[{"value": str(level), "text": f"{level}. {name}"} for level, name in names.items()],
    )


def things_of(result: Mapping[str, Any], names: Mapping[int, str]) -> list[dict[str, str]]:
    """Return everything that has a level, for a select."""
    found = [{"value": "", "text": "Choose one"}]
    for practice in result["practices"]:
        level = practice["level"]
        text = f"{practice['title']}, overall: level {level}, {names[level]}"
        found.append({"value": f"{PRACTICE}:{practice['practice_id']}", "text": text})
        for item in practice["items"]:
            text = f"{item['title']}: level {item['level']}, {names[item['level']]}"
            found.append({"value": f"{ITEM}:{item['item_id']}", "text": text})
    return found


@correct.submit
def do_correct(visit: Visit, round_id: str) -> ResponseReturnValue:
    """Sign the corrected version."""
    view = visit.api.assessment.get(f"/rounds/{round_id}/result")
    body = read_correction(visit.typed, view["result"])
    visit.api.assessment.post(f"/rounds/{round_id}/corrections", body)
    done = "Corrected. The result as it was signed before can still be read below."
    return visit.go("rounds.results", round_id=round_id, done=done)


def read_correction(typed: Typed, result: Mapping[str, Any]) -> dict[str, Any]:
    """Return the correction as the service takes it; raises FormRefused naming what is missing."""
    things = {one["value"] for one in things_of(result, dict.fromkeys(range(1, 6), ""))} - {""}
    thing = typed.choice("thing", sorted(things), missing="Choose what is put right.")
    level = typed.choice("level", LEVELS, missing="Choose the right level.")
    reason = typed.text("reason", missing="Say why it is corrected: your board reads it.", longest=5000)
    meeting = typed.day("meeting_on", missing="Enter the date of the board meeting that decided.")
    minute = typed.text("minute", longest=5000)
    typed.check()
    return {
        "revision": int(typed.value("version", 0)),
        "reason": reason,
        "meeting_on": meeting.isoformat() if meeting else None,
        "minute": minute,
        **_put_right(result, thing, int(level), reason),
    }


def _put_right(result: Mapping[str, Any], thing: str, level: int, reason: str) -> dict[str, Any]:
    kind, _, name = thing.partition(":")
    if kind == PRACTICE:
        return {"practices": [{"practice_id": name, "level": level}]}
    items = {item["item_id"]: item for practice in result["practices"] for item in practice["items"]}
    old = items[name]
    aim = old["aim_level"] if old["aim_level"] and old["aim_level"] >= level else None
    kept = {"evidence": old["evidence"], "differed": old["differed"], "aim_level": aim}
    return {"items": [{"item_id": name, "level": level, "reason": reason, **kept}]}
