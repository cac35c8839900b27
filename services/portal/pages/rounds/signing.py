"""The board's decision: signed by the chair or chief executive, or recorded by the secretary for them to confirm."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from flask import g
from flask.typing import ResponseReturnValue

from services.portal.api import Refused
from services.portal.as_shown import as_shown
from services.portal.forms import FormRefused
from services.portal.page import PageSet, Shows
from services.portal.pages.rounds import ranges
from services.portal.pages.rounds.reading import back_to_round, level_names, question_set_of
from services.portal.pages.rounds.who import BY_THE_BOARD, SIGNERS
from services.portal.visit import Visit
from shared.clock import local_day
from shared.contracts.roles import Role

pages = PageSet("rounds_signing")
NOTHING_SENT = replace(
    BY_THE_BOARD, below_an_icb=f"{BY_THE_BOARD.below_an_icb} Nothing is sent to NHS England by signing."
)
LONGEST_MINUTE = 5000


@pages.page(
    "/rounds/<round_id>/sign-off",
    key="rounds.sign_off",
    title="Are we content that this is us?",
    roles=SIGNERS | {Role.COMPANY_SECRETARY},
    shows=Shows.ORGANISATION,
    who_can_see=NOTHING_SENT,
    labels={"minute": "What the minute says"},
)
def sign_off(visit: Visit, round_id: str) -> ResponseReturnValue:
    """Show everything that was agreed, what is still open, and what signing does."""
    found = visit.api.assessment.get(f"/rounds/{round_id}")
    table = _agreed_table(visit, found)
    decision = found["decision"] or {}
    people = [decision.get("recorded_by"), *(item["agreement"]["recorded_by"] for item in _agreed(table))]
    return visit.render(
        "rounds/sign_off.html",
        round=found,
        caption=found["name"],
        back=back_to_round(round_id),
        table=table,
        items_in=lambda practice_id: ranges.agreed_in(table, practice_id),
        open_items=ranges.open_titles(table),
        levels=level_names(question_set_of(visit, found)),
        decision=decision,
        to_confirm=may_confirm(decision, local_day(g.now)),
        signs=visit.acting.holds(SIGNERS),
        plan=_plan_to_approve(visit, round_id),
        names=visit.names(people),
    )


def _agreed_table(visit: Visit, found: Mapping[str, Any]) -> dict[str, Any]:
    if found["state"] not in ("closed", "agreed"):
        return {"items": [], "practices": []}
    table: dict[str, Any] = visit.api.assessment.get(f"/rounds/{found['id']}/discussion")
    return table


def _agreed(table: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [item for item in table["items"] if item["agreement"] is not None]


def may_confirm(decision: Mapping[str, Any], today: date) -> bool:
    """Tell whether a recorded decision can still be confirmed without naming the meeting again."""
    return bool(decision) and today <= date.fromisoformat(decision["confirm_by"])


def _plan_to_approve(visit: Visit, round_id: str) -> Any:
    """Return the plan drafted from this self-assessment when it waits for approval, so that one visit is enough."""
    nothing: dict[str, Any] = {"items": []}
    plans = visit.optional("action_plan", lambda: visit.api.action_plan.get("/plans"), nothing)["items"]
    waiting = [one for one in plans if one["round_id"] == round_id and one["state"] == "awaiting_approval"]
    if not waiting:
        return None
    return visit.optional("action_plan", lambda: visit.api.action_plan.get(f"/plans/{waiting[0]['id']}"), None)


@sign_off.submit
def sign(visit: Visit, round_id: str) -> ResponseReturnValue:
    """Sign (the chair or chief executive), or record what the board decided (the secretary)."""
    body = read_decision(visit)
    if not visit.acting.holds(SIGNERS):
        visit.api.assessment.post(f"/rounds/{round_id}/decision", body)
        done = "The board's decision is recorded. The chair and chief executive are asked to confirm it."
        return visit.go("rounds.show", round_id=round_id, done=done)
    as_shown(visit, lambda version: visit.api.assessment.post(f"/rounds/{round_id}/sign-off", body, version=version))
    done = f"Signed off. Nothing was sent to NHS England. {_approve_too(visit)}".strip()
    return visit.go("rounds.results", round_id=round_id, done=done)


def read_decision(visit: Visit) -> dict[str, Any]:
    """Return the meeting as the service takes it: nothing when a recorded decision is confirmed."""
    typed = visit.typed
    if typed.value("confirm") == "yes" and visit.acting.holds(SIGNERS):
        return {}
    meeting = typed.day("meeting_on", missing="Enter the date of the board meeting that decided.")
    minute = typed.text("minute", longest=LONGEST_MINUTE)
    if meeting is not None and meeting > local_day(g.now):
        typed.wrong("meeting_on-day", "The board meeting must have taken place.")
    typed.check()
    return {"meeting_on": meeting.isoformat() if meeting else None, "minute": minute}


def _approve_too(visit: Visit) -> str:
    """Approve the plan as well when the box was ticked; the signature stands whatever becomes of that."""
    plan_id = visit.typed.value("approve_plan")
    if not plan_id:
        return ""
    try:
        ask = visit.api.action_plan.post
        as_shown(visit, lambda version: ask(f"/plans/{plan_id}/approve", version=version), field="plan_version")
    except FormRefused:
        return "The plan was not approved: it changed after you opened the page. Read it again on its own page."
    except Refused as refused:
        return f"The plan was not approved: {refused.detail}"
    return "The plan is approved."


@pages.page(
    "/rounds/<round_id>/send-back",
    key="rounds.send_back",
    title="Send it back with a note",
    roles=SIGNERS,
    shows=Shows.ORGANISATION,
    who_can_see="Your board and those who run its self-assessments read the note.",
    labels={"note": "Note"},
)
def send_back(visit: Visit, round_id: str) -> ResponseReturnValue:
    """Ask what should be looked at again."""
    found = visit.api.assessment.get(f"/rounds/{round_id}")
    return visit.render(
        "rounds/send_back.html",
        round=found,
        caption=found["name"],
        back={"href": f"/rounds/{round_id}/sign-off", "text": "Back to sign-off"},
    )


@send_back.submit
def do_send_back(visit: Visit, round_id: str) -> ResponseReturnValue:
    """Send it back; those who recorded the discussion are told."""
    note = visit.typed.text("note", missing="Say what should be looked at again.", longest=LONGEST_MINUTE)
    visit.typed.check()
    ask = visit.api.assessment.post
    as_shown(visit, lambda version: ask(f"/rounds/{round_id}/send-back", {"note": note}, version=version))
    return visit.go("rounds.show", round_id=round_id, done="It is sent back. The improvement lead is told.")
