"""From the drafted plan to an action that is late, through the public API of `action_plan`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

from deploy.local.demo.actor import Actor, Json

ACTION_PLAN = "action_plan"
PRIORITIES = 3
AIM = "In twelve months every ward team can say what it is improving and what it has learned."
ACTIONS = (
    ("Board members visit one team a week and write down what they learned", 3),
    ("Train forty team leaders in one way to improve", 60),
    ("Put one measure on every ward's board and talk about it daily", 90),
    ("Ask patients and carers to join two improvement teams", 120),
)


def plan_of(person: Actor, round_id: str) -> Json | None:
    """The plan drafted from this self-assessment, when it is there."""
    for plan in person.get(ACTION_PLAN, "/plans")["items"]:
        if plan.get("round_id") == round_id:
            return whole_plan(person, plan["id"])
    return None


def whole_plan(person: Actor, plan_id: str) -> Json:
    found: Json = person.get(ACTION_PLAN, f"/plans/{plan_id}")
    return found


def choose_priorities(lead: Actor, plan: Json, titles: Mapping[str, str]) -> Json:
    """The lead takes the first three suggestions under their items' titles, and writes down what the board aims at."""
    items = [suggestion["item_id"] for suggestion in plan["suggestions"][:PRIORITIES]]
    chosen = [{"item_id": item, "title": titles[item]} for item in items]
    path = f"/plans/{plan['id']}"
    plan = lead.put(ACTION_PLAN, f"{path}/priorities", {"priorities": chosen}, version=plan["version"])
    lead.put(ACTION_PLAN, f"{path}/aim", {"aim": AIM}, version=whole_plan(lead, plan["id"])["version"])
    return whole_plan(lead, plan["id"])


def add_actions(lead: Actor, plan: Json, owner_id: str, how_many: int = len(ACTIONS)) -> list[Json]:
    """Actions with an owner and a date each; the first is due soonest."""
    today = date.today()  # noqa: DTZ011 - the day on the wall of the people in the story
    made = []
    for place, (title, days) in enumerate(ACTIONS[:how_many]):
        body = {
            "priority_id": plan["priorities"][place % len(plan["priorities"])]["id"],
            "title": title,
            "owner_id": owner_id,
            "due_on": (today + timedelta(days=days)).isoformat(),
        }
        made.append(lead.post(ACTION_PLAN, f"/plans/{plan['id']}/actions", body))
    return made


def approve(lead: Actor, chair: Actor, plan_id: str) -> None:
    lead.post(ACTION_PLAN, f"/plans/{plan_id}/request-approval")
    read = whole_plan(chair, plan_id)
    chair.post(ACTION_PLAN, f"/plans/{plan_id}/approve", version=read["version"])


def report_progress(owner: Actor, action_id: str, status: str, next_step: str) -> None:
    """The owner says how an action stands."""
    version = owner.get(ACTION_PLAN, f"/actions/{action_id}")["version"]
    owner.patch(ACTION_PLAN, f"/actions/{action_id}", {"status": status, "next_step": next_step}, version=version)
