"""An ICB's trusts: how they are getting on, and what each has chosen to show."""

from collections.abc import Mapping
from typing import Any

from flask import request
from flask.typing import ResponseReturnValue

from services.portal.api import NotThere
from services.portal.page import PageSet, Shows
from services.portal.visit import Visit
from shared.contracts.roles import Role

pages = PageSet("our_trusts")
STAGES: Mapping[str, tuple[str, str]] = {
    "not_started": ("Not started", "grey"),
    "open": ("Answering", "blue"),
    "closed": ("In discussion", "purple"),
    "agreed": ("Agreed", "aqua-green"),
    "signed_off": ("Signed off", "green"),
}
PLANS: Mapping[str, tuple[str, str]] = {
    "draft": ("Being drafted", "grey"),
    "waiting_for_approval": ("Waiting for approval", "yellow"),
    "approved": ("Approved", "green"),
    "closed": ("Closed", "grey"),
}
SECTORS: Mapping[str, str] = {
    "acute": "Acute",
    "acute_specialist": "Acute specialist",
    "mental_health_ld": "Mental health and learning disability",
    "community": "Community",
    "ambulance": "Ambulance",
    "virtual": "Online",
}
SHARED_WORDS: Mapping[str, str] = {
    "summary": "five-practice summary",
    "practice_summary": "five-practice summary",
    "priorities": "the plan's priorities",
    "plan_priorities": "the plan's priorities",
}
WHO = (
    "People who act for your ICB. Each trust's people see the same row about their own trust, and who looked at what "
    "they shared."
)
FILTERS = ("", "shared", "not_shared", *STAGES)


def chosen(items: list[dict[str, Any]], wanted: str) -> list[dict[str, Any]]:
    """Return the rows that a filter keeps: a stage, those that share more than progress, or that share nothing."""
    if wanted == "shared":
        return [one for one in items if one.get("shared")]
    if wanted == "not_shared":
        return [one for one in items if one["progress"] == "not_shared"]
    return [one for one in items if not wanted or one.get("stage") == wanted]


@pages.page(
    "/our-trusts",
    key="our_trusts",
    title="How are our trusts getting on?",
    roles=(Role.ICB_LEAD,),
    shows=Shows.SHARED,
    who_can_see=WHO,
)
def our_trusts(visit: Visit) -> ResponseReturnValue:
    """Show one row a trust, and side by side the summaries of those who shared one."""
    found = visit.api.insight.get("/trust-status")
    wanted = request.args.get("show", "")
    wanted = wanted if wanted in FILTERS else ""
    nothing: dict[str, Any] = {"items": []}
    shared = visit.optional("assessment", lambda: visit.api.assessment.get("/shared-summaries"), nothing)
    return visit.render(
        "icb/our_trusts.html",
        trusts=chosen(found["items"], wanted),
        count=found["count"],
        wanted=wanted,
        summaries=newest_of_each(shared["items"]),
        stages=STAGES,
        plans=PLANS,
        sectors=SECTORS,
        shared_words=SHARED_WORDS,
    )


def newest_of_each(items: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return one summary an organisation, the one signed off last, by name."""
    newest: dict[str, dict[str, Any]] = {}
    for item in sorted(items, key=lambda one: str(one["content"]["signed_off_at"])):
        newest[item["org_id"]] = item
    return sorted(newest.values(), key=lambda one: str(one["org_name"]))


@pages.page(
    "/our-trusts/<code>",
    key="our_trusts.one",
    title="What has this trust chosen to show us?",
    roles=(Role.ICB_LEAD,),
    shows=Shows.SHARED,
    who_can_see="People who act for your ICB. The trust sees that you looked.",
)
def one_trust(visit: Visit, code: str) -> ResponseReturnValue:
    """Show a trust's progress and what it shares, and say what it does not."""
    status = visit.api.insight.get(f"/trust-status/{code}")
    nothing: dict[str, Any] = {"items": []}
    summaries = visit.optional(
        "assessment", lambda: _or_nothing(lambda: visit.api.assessment.get(f"/shared-summaries/{code}")), nothing
    )
    plans = visit.optional("action_plan", lambda: visit.api.action_plan.get("/shared-plans"), nothing)
    return visit.render(
        "icb/one_trust.html",
        title=f"What has {status['name']} chosen to show us?",
        trust=status,
        summaries=summaries["items"],
        plans=[one for one in plans["items"] if one["org_id"] == code],
        stages=STAGES,
        plan_states=PLANS,
        sectors=SECTORS,
        back={"href": "/our-trusts", "text": "Back to our trusts"},
    )


def _or_nothing(ask: Any) -> dict[str, Any]:
    try:
        found: dict[str, Any] = ask()
    except NotThere:
        return {"items": []}
    return found
