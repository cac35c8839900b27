"""What of a signed self-assessment others may see: prepared by the lead, looked at as they will see it, decided."""

from collections.abc import Mapping
from typing import Any

from flask import g, redirect, url_for
from flask.typing import ResponseReturnValue

from services.portal.as_shown import as_shown, require_as_shown
from services.portal.forms import Typed
from services.portal.page import PageSet, Shows
from services.portal.pages.plans.wording import is_over, newer_to_show
from services.portal.pages.rounds.reading import back_to_round
from services.portal.pages.rounds.who import DECIDERS, RUNNERS, SEES_SHARING
from services.portal.visit import Visit
from shared.clock import local_day
from shared.principal import NATIONAL_TENANT

pages = PageSet("rounds_sharing")
WHO = "People of your organisation see this page. Others see what the previews show, and only if your chair decides so."
CHECK_TITLE = "Is this what you want to share?"
SUMMARY, PRIORITIES, COUNTED = "share_summary", "share_priorities", "count_us"
MISSING = {
    SUMMARY: "Choose whether to show your ICB the five-practice summary.",
    PRIORITIES: "Choose whether to show your ICB the plan's priorities.",
    COUNTED: "Choose whether to be counted, unnamed.",
}
PLAN_CHANGED = (
    "The plan changed at that moment, so nothing about its priorities was decided; the rest is done as you chose. Read "
    "what stands here now. If you still decide so, press the button again."
)
HOW_MUCH: Mapping[str, str] = {
    "practice_summary": "The five practice levels",
    "items": "The level of every item as well",
    "items_and_reasons": "The level of every item, with the board's reasons",
}


def asked_here(visit: Visit, plan: Mapping[str, Any] | None) -> list[str]:
    """Return the questions that make sense: for those with an ICB above them, for trusts, whose plans an ICB follows
    and which alone are counted in the figures.

    A plan is shown once it was approved, and until it is closed.
    """
    acting = visit.acting
    summary = [SUMMARY] if acting.has_icb else []
    priorities = [PRIORITIES] if acting.is_followed and plan and plan["preview"] and not is_over(plan) else []
    return [*summary, *priorities, *([COUNTED] if acting.org_kind == "trust" else [])]


def read_choices(typed: Typed, asked: list[str]) -> dict[str, bool]:
    """Return what was chosen for each question asked; raises FormRefused naming those without an answer."""
    chosen = {name: typed.choice(name, ["yes", "no"], missing=MISSING[name]) == "yes" for name in asked}
    typed.check()
    return chosen


def read_terms(typed: Typed) -> dict[str, str | None]:
    """Return how much of the summary is shown and until when; raises FormRefused for a day that is over."""
    until = typed.day("valid_until")
    if until is not None and until < local_day(g.now):
        typed.wrong("valid_until-day", "The last day must be today or later.")
    typed.check()
    how_much = typed.value("how_much")
    return {
        "how_much": how_much if how_much in HOW_MUCH else "practice_summary",
        "valid_until": until.isoformat() if until else None,
    }


@pages.page(
    "/rounds/<round_id>/sharing",
    key="rounds.sharing",
    title="Who sees what of this?",
    roles=SEES_SHARING,
    shows=Shows.ORGANISATION,
    who_can_see=WHO,
)
def sharing(visit: Visit, round_id: str) -> ResponseReturnValue:
    """Show what is shared now, exactly what others would see, and ask the three questions."""
    found = visit.api.assessment.get(f"/rounds/{round_id}")
    now = visit.api.assessment.get(f"/rounds/{round_id}/sharing")
    plan = plan_sharing(visit, round_id)
    running = running_now(visit, now)
    proposal = now["proposal"] or {}
    terms = running.get("practice_summary") or proposal
    return visit.render(
        "rounds/sharing.html",
        round=found,
        caption=found["name"],
        back=back_to_round(round_id),
        now=now,
        plan=plan,
        newer=newer_to_show(plan),
        asked=asked_here(visit, plan),
        running=running,
        proposal=proposal,
        terms=terms,
        depths=HOW_MUCH,
        decides=visit.acting.holds(DECIDERS),
        prepares=visit.acting.holds(RUNNERS),
        names=visit.names([proposal.get("proposed_by"), *(grant["granted_by"] for grant in now["granted"])]),
    )


def running_now(visit: Visit, now: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """Return by its name what is shared today; what an ICB was shown that was left since is history."""
    today = (visit.acting.tenant_id, NATIONAL_TENANT)
    return {grant["what"]: grant for grant in now["granted"] if grant["shared_with"] in today}


def plan_sharing(visit: Visit, round_id: str) -> Any:
    """Return what is shared of the plan drafted from a self-assessment, or None."""
    nothing: dict[str, Any] = {"items": []}
    plans = visit.optional("action_plan", lambda: visit.api.action_plan.get("/plans"), nothing)["items"]
    ours = next((one for one in plans if one["round_id"] == round_id), None)
    if ours is None:
        return None
    return visit.optional("action_plan", lambda: visit.api.action_plan.get(f"/plans/{ours['id']}/sharing"), None)


@sharing.submit
def prepare_or_check(visit: Visit, round_id: str) -> ResponseReturnValue:
    """Show the chair the check page, or pass the lead's suggestion on to the chair."""
    plan = plan_sharing(visit, round_id)
    chosen = read_choices(visit.typed, asked_here(visit, plan))
    terms = read_terms(visit.typed)
    if visit.acting.holds(DECIDERS):
        return check_page(visit, round_id, plan, chosen, terms)
    answers = {name: chosen.get(name, False) for name in (SUMMARY, COUNTED, PRIORITIES)}
    body = {**answers, **terms}
    visit.api.assessment.put(f"/rounds/{round_id}/sharing", body)
    if chosen.get(PRIORITIES) and not plan["shared"]:
        visit.api.action_plan.post(f"/plans/{plan['plan_id']}/sharing/propose")
    return visit.go("rounds.sharing", round_id=round_id, done="The chair is asked to decide. Nothing is shared yet.")


@pages.page(
    "/rounds/<round_id>/sharing/check",
    key="rounds.sharing.check",
    title=CHECK_TITLE,
    roles=DECIDERS,
    shows=Shows.ORGANISATION,
    who_can_see=WHO,
)
def check(visit: Visit, round_id: str) -> ResponseReturnValue:
    """Show again what was chosen; without anything chosen, the questions."""
    if not visit.typed:
        return redirect(url_for("rounds.sharing", round_id=round_id), 303)
    plan = plan_sharing(visit, round_id)
    chosen = _as_chosen(visit.typed, asked_here(visit, plan))
    return check_page(visit, round_id, plan, chosen, read_terms(visit.typed))


def _as_chosen(typed: Typed, asked: list[str]) -> dict[str, bool]:
    return {name: typed.value(name) == "yes" for name in asked}


def check_page(
    visit: Visit, round_id: str, plan: Any, chosen: Mapping[str, bool], terms: Mapping[str, str | None]
) -> ResponseReturnValue:
    """Say what will happen, with exactly what others will see."""
    found = visit.api.assessment.get(f"/rounds/{round_id}")
    now = visit.api.assessment.get(f"/rounds/{round_id}/sharing", how_much=terms["how_much"])
    running = running_now(visit, now)
    return visit.render(
        "rounds/sharing_check.html",
        title=CHECK_TITLE,
        caption=found["name"],
        back={"href": f"/rounds/{round_id}/sharing", "text": "Back to the questions"},
        round=found,
        now=now,
        running=running,
        plan=plan,
        newer=newer_to_show(plan),
        changes_for_icb=changes_summary(running, chosen, terms) or changes_priorities(plan, chosen),
        chosen=chosen,
        terms=terms,
        depths=HOW_MUCH,
    )


def changes_summary(
    running: Mapping[str, Mapping[str, Any]], chosen: Mapping[str, bool], terms: Mapping[str, str | None]
) -> bool:
    """Tell whether the ICB may read the summary from now on, no longer, or on other terms: then people are told."""
    shown = running.get("practice_summary")
    if shown is None or not chosen.get(SUMMARY, False):
        return (shown is not None) != chosen.get(SUMMARY, False)
    return (shown["how_much"] or "practice_summary", shown["valid_until"]) != (terms["how_much"], terms["valid_until"])


def changes_priorities(plan: Any, chosen: Mapping[str, bool]) -> bool:
    """Tell whether the ICB may read the priorities from now on, no longer, or newer ones."""
    if PRIORITIES not in chosen:
        return False
    return bool(chosen[PRIORITIES] != plan["shared"] or (chosen[PRIORITIES] and newer_to_show(plan)))


@check.submit
def decide(visit: Visit, round_id: str) -> ResponseReturnValue:
    """Share exactly what was chosen, and stop the rest; of nothing but what was shown."""
    plan = plan_sharing(visit, round_id)
    chosen = read_choices(visit.typed, asked_here(visit, plan))
    if PRIORITIES in chosen:
        require_as_shown(visit, plan.get("version"), "plan_version")
    now = visit.api.assessment.get(f"/rounds/{round_id}/sharing")
    body = {
        SUMMARY: chosen.get(SUMMARY, False),
        COUNTED: chosen.get(COUNTED, False),
        "progress_visible": now["progress_visible"],
        **read_terms(visit.typed),
    }
    post, put = visit.api.assessment.post, visit.api.action_plan.put
    as_shown(visit, lambda version: post(f"/rounds/{round_id}/sharing/decide", body, version=version))
    if changes_priorities(plan, chosen) or (PRIORITIES in chosen and _waits_for_an_answer(plan)):
        path, answer = f"/plans/{plan['plan_id']}/sharing", {PRIORITIES: chosen[PRIORITIES]}
        as_shown(visit, lambda version: put(path, answer, version=version), field="plan_version", refusal=PLAN_CHANGED)
    return visit.go("rounds.sharing", round_id=round_id, done=_said(chosen))


def _waits_for_an_answer(plan: Any) -> bool:
    """Tell whether the lead's suggestion must be answered, though the answer changes nothing for the ICB.

    A closed plan can no longer be shared, so a Yes for it would be refused.
    """
    return bool(plan["proposed_at"]) and plan.get("state") != "closed"


def _said(chosen: Mapping[str, bool]) -> str:
    if not any(chosen.values()):
        return "Decided: nothing of it is shared."
    return "Decided. It is shared as you chose, until you stop it."
