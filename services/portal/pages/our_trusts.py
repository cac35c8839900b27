"""An ICB's trusts: how they are getting on, and what each has chosen to show.

Others may show the ICB a summary too: its places, whose progress nobody follows, and trusts that have left since.
"""

from collections.abc import Callable, Mapping
from typing import Any

from flask import request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import NotFound

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
    "People who act for your ICB. People of each organisation see on their own page what you see of them, and that "
    "somebody looked at what they shared."
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
    shared = visit.optional(
        "assessment", lambda: visit.api.assessment.get("/shared-summaries", newest_alone="true"), nothing
    )
    return visit.render(
        "icb/our_trusts.html",
        trusts=chosen(found["items"], wanted),
        count=found["count"],
        wanted=wanted,
        summaries=sorted(shared["items"], key=lambda one: str(one["org_name"])),
        stages=STAGES,
        plans=PLANS,
        sectors=SECTORS,
        shared_words=SHARED_WORDS,
    )


@pages.page(
    "/our-trusts/<code>",
    key="our_trusts.one",
    title="What has this trust chosen to show us?",
    roles=(Role.ICB_LEAD,),
    shows=Shows.SHARED,
    who_can_see="People who act for your ICB. Whoever shared something sees that somebody looked.",
)
def one_trust(visit: Visit, code: str) -> ResponseReturnValue:
    """Show a trust's progress and what it shares, and say what it does not; of others only what they share.

    Asked for by its code alone: whoever shares is told of what is asked for here as looked at.
    """
    nothing: dict[str, Any] = {"items": []}
    followed = _if_there(lambda: visit.api.insight.get(f"/trust-status/{code}"))
    ask, ask_plans = visit.api.assessment.get, visit.api.action_plan.get
    summaries = visit.optional("assessment", lambda: ask(f"/shared-summaries/{code}"), nothing)
    plans = visit.optional("action_plan", lambda: ask_plans(f"/shared-plans/{code}"), nothing)
    status = followed or not_followed(code, [*summaries["items"], *plans["items"]])
    return visit.render(
        "icb/one_trust.html",
        title=f"What has {status['name']} chosen to show us?",
        trust=status,
        summaries=summaries["items"],
        plans=plans["items"],
        stages=STAGES,
        plan_states=PLANS,
        sectors=SECTORS,
        back={"href": "/our-trusts", "text": "Back to our trusts"},
    )


def not_followed(code: str, shared: list[dict[str, Any]]) -> dict[str, Any]:
    """Return who shares something without being a trust of ours; raises NotFound for whoever shares nothing."""
    if not shared:
        raise NotFound
    return {"org_id": code, "name": shared[0]["org_name"] or code, "progress": "not_followed"}


def _if_there(ask: Callable[[], dict[str, Any]]) -> dict[str, Any] | None:
    try:
        return ask()
    except NotThere:
        return None
