"""What needs somebody now: worked out from what the services say, by role, soonest first."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from services.portal.pages.plans.wording import FINISHED
from services.portal.pages.rounds.who import DECIDERS, RUNNERS, SIGNERS
from services.portal.person import Membership
from services.portal.words import counted
from shared.contracts.roles import Role

RECORDS = frozenset({Role.COMPANY_SECRETARY})
LIVE = ("open", "closed", "agreed", "signed_off")
FAR_AWAY = date.max


@dataclass(frozen=True, slots=True)
class Task:
    """One thing to do: what, where, and by when."""

    text: str
    href: str
    due: date | None = None
    late: bool = False


def current_round(rounds: Iterable[Mapping[str, Any]]) -> Mapping[str, Any] | None:
    """Return the self-assessment that counts now: the newest that was opened and not given up."""
    opened = [one for one in rounds if one["state"] in LIVE]
    return max(opened, key=lambda one: str(one["created_at"]), default=None)


def round_tasks(acting: Membership, found: Mapping[str, Any]) -> list[Task]:
    """Return what the self-assessment asks of this person."""
    here, state = f"/rounds/{found['id']}", found["state"]
    tasks = []
    if state == "open" and found["i_am_respondent"] and not found["i_have_finished"]:
        tasks.append(Task(f"Answer {found['name']}", f"{here}/answers", _day(found["closes_on"])))
    if state == "open" and acting.holds(RUNNERS):
        people = found["respondents"]
        text = f"See who has not answered yet: {people['finished']} of {people['invited']} have finished"
        tasks.append(Task(text, here, _day(found["closes_on"])))
    if state == "closed" and acting.holds(RUNNERS):
        left = found["agreed"]["of"] - found["agreed"]["items"]
        tasks.append(Task(_discuss(left), f"{here}/discussion", _day(found["discussion_on"])))
    if state == "agreed" and acting.holds(SIGNERS):
        tasks.append(Task(f"Sign off {found['name']}, or send it back", f"{here}/sign-off"))
    elif state == "agreed" and acting.holds(RECORDS) and not found["decision"]:
        tasks.append(Task(f"Record what the board decided about {found['name']}", f"{here}/sign-off"))
    return tasks


def _discuss(left: int) -> str:
    return f"Agree {counted(left, 'item')} with the board" if left else "Record the overall levels with the board"


def may_have_to_share(acting: Membership, found: Mapping[str, Any] | None) -> bool:
    """Tell whether asking for suggestions of what to share can bring anything: it costs the home page a call."""
    return found is not None and found["state"] == "signed_off" and acting.holds(DECIDERS)


def sharing_tasks(
    acting: Membership,
    found: Mapping[str, Any] | None,
    sharing: Mapping[str, Any] | None,
    plans: Iterable[Mapping[str, Any]],
) -> list[Task]:
    """Return what the lead suggested to share; the page of a self-assessment asks about its own plan as well."""
    if not acting.holds(DECIDERS):
        return []
    suggested = bool(found and sharing and sharing["proposal"])
    tasks = []
    if found and suggested:
        tasks.append(Task(f"Decide what to share of {found['name']}", f"/rounds/{found['id']}/sharing"))
    for plan in plans:
        asked_with_its_round = found and suggested and plan["round_id"] == found["id"]
        if plan.get("sharing_proposed_at") and plan["state"] != "closed" and not asked_with_its_round:
            text = "Decide whether to show your ICB the plan's priorities"
            tasks.append(Task(text, f"/plans/{plan['id']}/sharing"))
    return tasks


def holds(plan: Mapping[str, Any]) -> bool:
    """Tell whether the board approved a plan that is not closed: neither its revision nor a newer draft undoes that."""
    return plan["state"] != "closed" and plan.get("approved_revision") is not None


def open_plans(plans: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Return the plans on which something can still be done: the one that holds, and what is drafted beside it."""
    return [plan for plan in plans if plan["state"] != "closed"]


def current_plan(plans: Sequence[Mapping[str, Any]]) -> Mapping[str, Any] | None:
    """Return the plan that holds; before there is one the newest that is open, else the newest."""
    return next(iter([*filter(holds, plans), *open_plans(plans), *plans]), None)


def drafts(plans: Iterable[Mapping[str, Any]], current: Mapping[str, Any] | None) -> list[tuple[str, str]]:
    """Return what is drafted while a plan holds, each as a sentence and where it is to be read."""
    if current is None or not holds(current):
        return []
    stand = {"drafted": "is being drafted", "awaiting_approval": "waits for approval"}
    return [
        (f"{'A revision of it' if plan is current else 'A new plan'} {stand[plan['state']]}", f"/plans/{plan['id']}")
        for plan in open_plans(plans)
        if plan["state"] in stand
    ]


def plan_tasks(acting: Membership, plan: Mapping[str, Any], *, beside: bool = False) -> list[Task]:
    """Return what the plan asks of this person; `beside` the plan that holds it is called the new one."""
    here, name = f"/plans/{plan['id']}", "new plan" if beside else "plan"
    if plan["state"] == "awaiting_approval" and acting.holds(SIGNERS) and not plan.get("notice"):
        return [Task(f"Approve the {name}, or send it back", f"{here}/approve")]
    if plan["state"] == "drafted" and acting.holds(RUNNERS):
        return [Task(f"Choose the {name}'s priorities and actions", f"{here}/priorities")]
    return []


def action_tasks(actions: Iterable[Mapping[str, Any]], today: date) -> list[Task]:
    """Return one task for each action of one's own that is late or due within two weeks."""
    tasks = []
    for action in actions:
        due = _day(action["due_on"])
        if action["status"] in FINISHED or due is None or (due - today).days > 14:
            continue
        href = f"/plans/{action['plan_id']}/actions/{action['id']}"
        tasks.append(Task(f"Update your action: {action['title']}", href, due, late=due < today))
    return tasks


def in_order(tasks: Iterable[Task]) -> list[Task]:
    """Return tasks by date, those without one last."""
    return sorted(tasks, key=lambda task: task.due or FAR_AWAY)


def _day(value: Any) -> date | None:
    return date.fromisoformat(str(value)[:10]) if value else None
