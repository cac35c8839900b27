"""Plans to read: all of them, one, and the page a board looks at."""

from typing import Any

from flask import request
from flask.typing import ResponseReturnValue

from services.portal.page import PageSet, Shows
from services.portal.pages.plans.wording import (
    APPROVERS,
    LEADS,
    OUR_PEOPLE,
    READERS,
    STATES,
    is_stuck,
    item_titles,
)
from services.portal.pages.rounds.who import SEES_SHARING
from services.portal.visit import Visit
from services.portal.words import ACTION_STATUSES

pages = PageSet("plans")


@pages.page(
    "/plans",
    key="plans",
    title="Are we getting anywhere?",
    roles=READERS,
    shows=Shows.ORGANISATION,
    who_can_see=OUR_PEOPLE,
)
def all_plans(visit: Visit) -> ResponseReturnValue:
    """List plans, newest first."""
    found = visit.api.action_plan.get("/plans", cursor=request.args.get("cursor"))
    return visit.render("plans/list.html", found=found, states=STATES)


@pages.page(
    "/plans/<plan_id>",
    key="plans.show",
    title="Are we getting anywhere?",
    roles=READERS,
    shows=Shows.ORGANISATION,
    who_can_see=OUR_PEOPLE,
)
def show(visit: Visit, plan_id: str) -> ResponseReturnValue:
    """Show aim, priorities and actions, overdue first, and the next thing to do."""
    plan = visit.api.action_plan.get(f"/plans/{plan_id}")
    return visit.render(
        "plans/show.html",
        plan=plan,
        states=STATES,
        statuses=ACTION_STATUSES,
        by_priority=by_priority(plan),
        titles=item_titles(visit, plan["question_set_id"]),
        names=visit.names(action["owner_id"] for action in plan["actions"]),
        leads=visit.acting.holds(frozenset(LEADS)),
        approves=visit.acting.holds(frozenset(APPROVERS)),
        sees_sharing=visit.acting.is_followed and visit.acting.holds(SEES_SHARING),
        back={"href": "/plans", "text": "Back to all plans"},
    )


def by_priority(plan: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """Return the actions of each priority: overdue first, then by due day, finished ones last."""
    found: dict[str, list[dict[str, Any]]] = {}
    order = sorted(
        plan["actions"],
        key=lambda one: (one["status"] in ("done", "stopped"), not one["overdue"], one["due_on"]),
    )
    for action in order:
        found.setdefault(action["priority_id"], []).append(action)
    return found


@pages.page(
    "/plans/<plan_id>/board",
    key="plans.board",
    title="What moved, what is stuck, what do you need from us?",
    roles=READERS,
    shows=Shows.ORGANISATION,
    who_can_see=OUR_PEOPLE,
)
def board(visit: Visit, plan_id: str) -> ResponseReturnValue:
    """Show the plan on one page, to print."""
    plan = visit.api.action_plan.get(f"/plans/{plan_id}")
    return visit.render(
        "plans/board.html",
        plan=plan,
        states=STATES,
        statuses=ACTION_STATUSES,
        moved=[one for one in plan["actions"] if one["status"] == "done"],
        stuck=[one for one in plan["actions"] if is_stuck(one)],
        names=visit.names(action["owner_id"] for action in plan["actions"]),
        back={"href": f"/plans/{plan_id}", "text": "Back to the plan"},
    )


@pages.page(
    "/plans/<plan_id>/actions",
    key="plans.actions",
    title="What is mine, what is overdue?",
    roles=READERS,
    shows=Shows.ORGANISATION,
    who_can_see=OUR_PEOPLE,
)
def actions(visit: Visit, plan_id: str) -> ResponseReturnValue:
    """List actions: mine, overdue or all."""
    wanted = request.args.get("show", "all")
    filters = {"mine": "true"} if wanted == "mine" else {"overdue": "true"} if wanted == "overdue" else {}
    found = visit.api.action_plan.get("/actions", plan_id=plan_id, cursor=request.args.get("cursor"), **filters)
    return visit.render(
        "plans/actions.html",
        found=found,
        plan_id=plan_id,
        wanted=wanted if filters else "all",
        statuses=ACTION_STATUSES,
        leads=visit.acting.holds(frozenset(LEADS)),
        names=visit.names(action["owner_id"] for action in found["items"]),
        back={"href": f"/plans/{plan_id}", "text": "Back to the plan"},
    )
