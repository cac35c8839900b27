"""The board's word on a plan, and what of it the ICB is shown."""

from flask.typing import ResponseReturnValue

from services.portal.as_shown import as_shown
from services.portal.page import PageSet, Shows, WhoCanSee
from services.portal.pages.plans.reading import by_priority
from services.portal.pages.plans.wording import APPROVERS, LEADS, OUR_PEOPLE, STATES, is_over, newer_to_show
from services.portal.pages.rounds.who import SEES_SHARING
from services.portal.visit import Visit
from services.portal.words import ACTION_STATUSES
from shared.contracts.roles import Role

pages = PageSet("plans_deciding")
DECIDERS = frozenset({Role.CHAIR, Role.PLACE_CONVENOR})


@pages.act(
    "/plans/<plan_id>/request-approval",
    key="plans.request",
    roles=(*LEADS, Role.COMPANY_SECRETARY),
    back_to="plans.show",
)
def request_approval(visit: Visit, plan_id: str) -> ResponseReturnValue:
    """Ask the chair or chief executive to approve."""
    visit.api.action_plan.post(f"/plans/{plan_id}/request-approval")
    return visit.go("plans.show", plan_id=plan_id, done="The chair and the chief executive are asked to approve it.")


@pages.page(
    "/plans/<plan_id>/approve",
    key="plans.approve",
    title="Do we commit to this plan?",
    roles=APPROVERS,
    shows=Shows.ORGANISATION,
    who_can_see=OUR_PEOPLE,
)
def approve(visit: Visit, plan_id: str) -> ResponseReturnValue:
    """Show the plan on one page and say what approving does."""
    plan = visit.api.action_plan.get(f"/plans/{plan_id}")
    return visit.render(
        "plans/approve.html",
        plan=plan,
        by_priority=by_priority(plan),
        states=STATES,
        statuses=ACTION_STATUSES,
        names=visit.names(action["owner_id"] for action in plan["actions"]),
        back={"href": f"/plans/{plan_id}", "text": "Back to the plan"},
    )


@approve.submit
def do_approve(visit: Visit, plan_id: str) -> ResponseReturnValue:
    """Approve the plan as it was shown."""
    as_shown(visit, lambda version: visit.api.action_plan.post(f"/plans/{plan_id}/approve", version=version))
    return visit.go("plans.show", plan_id=plan_id, done="The plan is approved.")


@pages.page(
    "/plans/<plan_id>/send-back",
    key="plans.send_back",
    title="Send the plan back with a note",
    roles=APPROVERS,
    shows=Shows.ORGANISATION,
    who_can_see="People of your organisation. The note is shown on the plan to those who work on it.",
    labels={"note": "Note"},
)
def send_back(visit: Visit, plan_id: str) -> ResponseReturnValue:
    """Ask what should change."""
    plan = visit.api.action_plan.get(f"/plans/{plan_id}")
    return visit.render("plans/send_back.html", plan=plan, back={"href": f"/plans/{plan_id}/approve", "text": "Back"})


@send_back.submit
def do_send_back(visit: Visit, plan_id: str) -> ResponseReturnValue:
    """Send it back; the improvement lead is told."""
    note = visit.typed.text("note", missing="Say what should change.", longest=2000)
    visit.typed.check()
    ask = visit.api.action_plan.post
    as_shown(visit, lambda version: ask(f"/plans/{plan_id}/send-back", {"note": note}, version=version))
    return visit.go("plans.show", plan_id=plan_id, done="The plan is sent back. The improvement lead is told.")


@pages.page(
    "/plans/<plan_id>/sharing",
    key="plans.sharing",
    title="Show our ICB the plan's priorities?",
    roles=SEES_SHARING,
    shows=Shows.ORGANISATION,
    who_can_see=WhoCanSee(
        "People of your organisation see this page. Your ICB sees the preview only if the chair decides so.",
        "People of your organisation.",
        of_trusts_alone=True,
    ),
    labels={"share_priorities": "Show the priorities"},
)
def sharing(visit: Visit, plan_id: str) -> ResponseReturnValue:
    """Show exactly what the ICB would see, who looked, and what the chair decides."""
    found = visit.api.action_plan.get(f"/plans/{plan_id}/sharing")
    people = [entry["person_id"] for entry in found["seen"]] + [grant["granted_by"] for grant in found["granted"]]
    return visit.render(
        "plans/sharing.html",
        sharing=found,
        newer=newer_to_show(found),
        over=is_over(found),
        plan_id=plan_id,
        names=visit.names(people),
        decides=visit.acting.holds(DECIDERS),
        leads=visit.acting.holds(frozenset(LEADS)),
        back={"href": f"/plans/{plan_id}", "text": "Back to the plan"},
    )


@sharing.submit
def decide(visit: Visit, plan_id: str) -> ResponseReturnValue:
    """Propose (the lead) or decide (the chair)."""
    if not visit.acting.holds(DECIDERS):
        visit.api.action_plan.post(f"/plans/{plan_id}/sharing/propose")
        return visit.go("plans.sharing", plan_id=plan_id, done="The chair is asked to decide.")
    choice = visit.typed.choice("share_priorities", ["yes", "no"], missing="Choose whether to show the priorities.")
    visit.typed.check()
    body, put = {"share_priorities": choice == "yes"}, visit.api.action_plan.put
    as_shown(visit, lambda version: put(f"/plans/{plan_id}/sharing", body, version=version))
    done = "Your ICB can now see the priorities." if choice == "yes" else "Your ICB cannot see the priorities."
    return visit.go("plans.sharing", plan_id=plan_id, done=done)
