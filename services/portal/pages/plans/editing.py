"""Plans to work on: the aim, the priorities in their order, the actions."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask.typing import ResponseReturnValue

from services.portal.api import Stale
from services.portal.comparing import unless_the_same
from services.portal.forms import Typed
from services.portal.page import Compared, PageSet, Shows
from services.portal.pages.plans.wording import (
    ACTION_LABELS,
    LEADS,
    OUR_PEOPLE,
    READERS,
    STATUS_OPTIONS,
    change_in_words,
    item_titles,
    people_in,
    people_to_choose,
    reason_in_words,
    value_in_words,
)
from services.portal.visit import Visit
from services.portal.words import ACTION_STATUSES
from shared.contracts.roles import Role

pages = PageSet("plans_editing")
MOST_PRIORITIES = 5


@pages.page(
    "/plans/<plan_id>/priorities",
    key="plans.priorities",
    title="Which gaps matter most?",
    roles=LEADS,
    shows=Shows.ORGANISATION,
    who_can_see=OUR_PEOPLE,
    labels={"aim": "Aim"},
)
def priorities(visit: Visit, plan_id: str) -> ResponseReturnValue:
    """Offer the suggestions with their reasons; three to five are picked, named and put in order."""
    plan = visit.api.action_plan.get(f"/plans/{plan_id}")
    titles = item_titles(visit, plan["question_set_id"])
    return visit.render(
        "plans/priorities.html",
        plan=plan,
        rows=rows_offered(plan, titles),
        reasons={
            each["item_id"]: [reason_in_words(reason) for reason in each["reasons"]] for each in plan["suggestions"]
        },
        positions=[{"value": "", "text": "Not a priority"}]
        + [{"value": str(number), "text": f"Priority {number}"} for number in range(1, MOST_PRIORITIES + 1)],
        back={"href": f"/plans/{plan_id}", "text": "Back to the plan"},
    )


def rows_offered(plan: dict[str, Any], titles: dict[str, str]) -> list[dict[str, Any]]:
    """Return one row an item that may become a priority: those chosen, those suggested, then all others."""
    chosen = {each["item_id"]: each for each in plan["priorities"]}
    suggested = [each["item_id"] for each in plan["suggestions"]]
    others = [each["item_id"] for each in plan["items"]]
    order = list(dict.fromkeys([*chosen, *suggested, *others]))
    return [
        {
            "item_id": item_id,
            "question": titles.get(item_id, item_id),
            "title": chosen[item_id]["title"] if item_id in chosen else titles.get(item_id, ""),
            "position": str(chosen[item_id]["position"]) if item_id in chosen else "",
            "suggested": item_id in suggested,
        }
        for item_id in order
    ]


@priorities.submit
def save_priorities(visit: Visit, plan_id: str) -> ResponseReturnValue:
    """Save the aim and the priorities in their order."""
    plan = visit.api.action_plan.get(f"/plans/{plan_id}")
    aim, wanted = read_priorities(visit.typed, plan)
    version = int(visit.typed.value("version", plan["version"]))
    try:
        saved = visit.api.action_plan.put(f"/plans/{plan_id}/priorities", {"priorities": wanted}, version=version)
    except Stale as stale:
        if (aim, wanted) != (stale.current["aim"], chosen_in(stale.current)):
            raise
        saved = stale.current
    if aim != saved["aim"]:
        visit.api.action_plan.put(f"/plans/{plan_id}/aim", {"aim": aim}, version=saved["version"])
    return visit.go("plans.show", plan_id=plan_id, done="The aim and the priorities are saved.")


@priorities.compare
def compare_priorities(visit: Visit, current: Mapping[str, Any]) -> Compared:
    """Say what two saves of the aim and the priorities differ in."""
    aim, wanted = read_priorities(visit.typed, current)
    return {
        "Aim": (aim, str(current["aim"] or "")),
        "Priorities, in their order": (_listed(wanted), _listed(chosen_in(current))),
    }


def chosen_in(plan: Mapping[str, Any]) -> list[dict[str, str]]:
    """Return the priorities a plan has, in their order, as the service takes them."""
    return [{"item_id": each["item_id"], "title": each["title"]} for each in plan["priorities"]]


def _listed(rows: Sequence[Mapping[str, str]]) -> str:
    return "\n".join(f"{place}. {row['title']}" for place, row in enumerate(rows, start=1))


def read_priorities(typed: Typed, plan: Mapping[str, Any]) -> tuple[str, list[dict[str, str]]]:
    """Return the aim and the priorities in their order; raises FormRefused naming what does not fit."""
    aim = typed.text("aim", missing="Write down what the plan is for.", longest=2000)
    picked = []
    for item in plan["items"]:
        if position := typed.value(f"position-{item['item_id']}"):
            title = typed.text(f"title-{item['item_id']}", missing="Name the priority.", longest=300)
            picked.append((position, {"item_id": item["item_id"], "title": title}))
    _check_order(typed, [position for position, _ in picked])
    typed.check()
    return aim, [row for _, row in sorted(picked, key=lambda each: int(each[0]))]


def _check_order(typed: Typed, positions: list[str]) -> None:
    if len(set(positions)) != len(positions):
        typed.wrong("priorities", "Give each priority a place of its own.")
    if any(not (position.isascii() and position.isdigit()) for position in positions):
        typed.wrong("priorities", "Choose a place from the list.")


@pages.page(
    "/plans/<plan_id>/actions/new",
    key="plans.action_new",
    title="Add an action",
    roles=LEADS,
    shows=Shows.ORGANISATION,
    who_can_see=OUR_PEOPLE,
)
def new_action(visit: Visit, plan_id: str) -> ResponseReturnValue:
    """Ask for an action: for which priority, what, who, by when."""
    plan = visit.api.action_plan.get(f"/plans/{plan_id}")
    return visit.render(
        "plans/action_new.html",
        plan=plan,
        priorities=[{"value": each["id"], "text": each["title"]} for each in plan["priorities"]],
        people=people_to_choose(visit),
        back={"href": f"/plans/{plan_id}", "text": "Back to the plan"},
    )


@new_action.submit
def add_action(visit: Visit, plan_id: str) -> ResponseReturnValue:
    """Add the action; its owner is told."""
    plan = visit.api.action_plan.get(f"/plans/{plan_id}")
    typed = visit.typed
    body: dict[str, Any] = {
        "priority_id": typed.choice(
            "priority_id", [each["id"] for each in plan["priorities"]], missing="Choose which priority it serves."
        ),
        "title": typed.text("title", missing="Say what will be done.", longest=300),
        "owner_id": typed.text("owner_id", missing="Choose who owns it."),
        "next_step": typed.text("next_step", longest=2000) or None,
    }
    due_on = typed.day("due_on", missing="Enter the day on which it is due.")
    typed.check()
    visit.api.action_plan.post(f"/plans/{plan_id}/actions", body | {"due_on": due_on.isoformat() if due_on else ""})
    return visit.go("plans.show", plan_id=plan_id, done="The action is added. Its owner is told.")


@pages.page(
    "/plans/<plan_id>/actions/<action_id>",
    key="plans.action",
    title="What happened, what next?",
    roles=READERS,
    shows=Shows.ORGANISATION,
    who_can_see=OUR_PEOPLE,
    labels=ACTION_LABELS,
)
def action(visit: Visit, plan_id: str, action_id: str) -> ResponseReturnValue:
    """Show one action with its history; its owner and the lead may update it."""
    found = visit.api.action_plan.get(f"/actions/{action_id}")
    leads = visit.acting.holds(frozenset(LEADS))
    names = visit.names([found["owner_id"], *people_in(found["history"])])
    return visit.render(
        "plans/action.html",
        caption=f"Priority: {found['priority_title']}",
        title=found["title"],
        action=found,
        may_update=leads or found["owner_id"] == visit.person.id,
        leads=leads,
        statuses=ACTION_STATUSES,
        options=STATUS_OPTIONS,
        people=people_to_choose(visit, found["owner_id"]) if leads else [],
        names=names,
        change_words=lambda change: change_in_words(change, names),
        back={"href": f"/plans/{plan_id}", "text": "Back to the plan"},
    )


@action.submit
def update_action(visit: Visit, plan_id: str, action_id: str) -> ResponseReturnValue:
    """Save an update; a second press of the button changes nothing more."""
    body = read_update(visit)
    version = int(visit.typed.value("version", 0))
    unless_the_same(body, lambda: visit.api.action_plan.patch(f"/actions/{action_id}", body, version=version))
    return visit.go("plans.show", plan_id=plan_id, done="The action is updated.")


def read_update(visit: Visit) -> dict[str, Any]:
    """Return the update as the service takes it; raises FormRefused naming every field that does not fit."""
    typed = visit.typed
    body: dict[str, Any] = {
        "status": typed.choice("status", list(ACTION_STATUSES), missing="Choose how it stands."),
        "next_step": typed.text("next_step", longest=2000),
        "blocked_by": typed.text("blocked_by", longest=2000),
        "stopped_reason": typed.text("stopped_reason", longest=2000),
    }
    due_on = typed.day("due_on", missing="Enter the day on which it is due.")
    if visit.acting.holds(frozenset({Role.IMPROVEMENT_LEAD, Role.PLACE_CONVENOR})):
        body["owner_id"] = typed.text("owner_id", missing="Choose who owns it.")
    typed.check()
    if body["status"] != "stopped":
        body["stopped_reason"] = ""  # the service keeps a reason only while an action is stopped
    return body | {"due_on": due_on.isoformat() if due_on else ""}


@action.compare
def compare_updates(visit: Visit, current: Mapping[str, Any]) -> Compared:
    """Say what two updates of one action differ in."""
    mine = read_update(visit)
    names = visit.names([mine.get("owner_id"), current["owner_id"]])
    return {
        ACTION_LABELS[field]: (
            value_in_words(field, str(value), names),
            value_in_words(field, str(current[field] or ""), names),
        )
        for field, value in mine.items()
    }
