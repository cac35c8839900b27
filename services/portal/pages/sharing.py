"""Everything the organisation shares, with whom, since when, who looked, and stopping it."""

from typing import Any

from flask.typing import ResponseReturnValue

from services.portal.page import PageSet, Shows
from services.portal.pages.rounds.sharing import HOW_MUCH
from services.portal.pages.rounds.who import DECIDERS, SEES_SHARING
from services.portal.visit import Visit
from shared.principal import NATIONAL_TENANT

pages = PageSet("sharing")
SHARED = {"practice_summary": "Five-practice summary", "counted": "Practice levels, unnamed"}
NEWEST_PLANS = 5
"""Plans asked about: each costs a call, and older ones are closed."""


@pages.page(
    "/sharing",
    key="sharing",
    title="What do we share, with whom, since when?",
    roles=SEES_SHARING,
    shows=Shows.ORGANISATION,
    who_can_see="People of your organisation.",
)
def sharing(visit: Visit) -> ResponseReturnValue:
    """List what is shared and what was, newest first."""
    found = visit.api.assessment.get("/sharing")
    of_plans = _grants_of_plans(visit)
    return visit.render(
        "sharing/list.html",
        running=[item for item in found["items"] if item["stopped_at"] is None],
        stopped=[item for item in found["items"] if item["stopped_at"] is not None],
        progress_visible=found["progress_visible"],
        plans=[grant for grant in of_plans if grant["stopped_at"] is None],
        stopped_plans=[grant for grant in of_plans if grant["stopped_at"] is not None],
        shared_words=SHARED,
        depths=HOW_MUCH,
        with_whom=lambda code: with_whom(visit, code),
        names=visit.names(grant[who] for grant in [*found["items"], *of_plans] for who in ("granted_by", "stopped_by")),
        decides=visit.acting.holds(DECIDERS),
    )


def with_whom(visit: Visit, code: str) -> str:
    """Return in words who an audience is."""
    if code == NATIONAL_TENANT:
        return "the national figures"
    return visit.acting.tenant_name if code == visit.acting.tenant_id else f"an ICB you have left ({code})"


def _grants_of_plans(visit: Visit) -> list[dict[str, Any]]:
    """Return each act of sharing one of the newest approved plans, with its plan and who looked."""
    nothing: dict[str, Any] = {"items": []}
    plans = visit.optional("action_plan", lambda: visit.api.action_plan.get("/plans"), nothing)["items"]
    approved = [plan["id"] for plan in plans if plan["approved_revision"] is not None][:NEWEST_PLANS]
    found = [plan for plan in (_plan(visit, plan_id) for plan_id in approved) if plan is not None]
    return [grant | {"plan": plan, "seen": _of_grant(plan, grant)} for plan in found for grant in plan["granted"]]


def _of_grant(plan: dict[str, Any], grant: dict[str, Any]) -> list[dict[str, Any]]:
    return [reading for reading in plan["seen"] if reading["sharing_id"] == grant["id"]]


def _plan(visit: Visit, plan_id: str) -> Any:
    return visit.optional("action_plan", lambda: visit.api.action_plan.get(f"/plans/{plan_id}/sharing"), None)


@pages.page(
    "/sharing/<grant_id>/stop",
    key="sharing.stop",
    title="Stop sharing this?",
    roles=DECIDERS,
    shows=Shows.ORGANISATION,
    who_can_see="People of your organisation.",
)
def stop(visit: Visit, grant_id: str) -> ResponseReturnValue:
    """Say what stopping does."""
    items = visit.api.assessment.get("/sharing")["items"]
    item = next((one for one in items if one["id"] == grant_id and one["stopped_at"] is None), None)
    return visit.render(
        "sharing/stop.html",
        item=item,
        words=SHARED,
        whom=with_whom(visit, item["shared_with"]) if item else "",
        back={"href": "/sharing", "text": "Back to what we share"},
    )


@stop.submit
def do_stop(visit: Visit, grant_id: str) -> ResponseReturnValue:
    """Stop; the other side cannot read it from now on."""
    visit.api.assessment.post(f"/sharing/{grant_id}/stop")
    return visit.go("sharing", done="Stopped. It cannot be read any more.")


@pages.act("/sharing/progress", key="sharing.progress", roles=DECIDERS, back_to="sharing")
def progress(visit: Visit) -> ResponseReturnValue:
    """Show the ICB the organisation's progress, or hide it."""
    visible = visit.typed.value("visible") == "yes"
    visit.api.assessment.put("/progress-visibility", {"visible": visible})
    done = "Your ICB can see your progress again." if visible else "Your ICB cannot see your progress any more."
    return visit.go("sharing", done=done)
