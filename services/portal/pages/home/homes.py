"""One address, a home for each role."""

from collections.abc import Callable, Mapping
from typing import Any

from flask import g
from flask.typing import ResponseReturnValue

from services.portal.page import SIGNED_IN, PageSet, Shows
from services.portal.pages.home import for_you
from services.portal.pages.people import MANAGERS
from services.portal.pages.plans.wording import READERS, is_stuck
from services.portal.pages.rounds.who import BOARD, INVITABLE, ORGANISERS, SEES_SHARING
from services.portal.visit import Visit
from shared.clock import local_day
from shared.contracts.roles import Role

pages = PageSet("home")
NOTHING: dict[str, Any] = {"items": [], "count": 0, "next": None}
BOARD_TOP = frozenset({Role.CHAIR, Role.CHIEF_EXECUTIVE})
ICB = frozenset({Role.ICB_LEAD})
READS_PLANS = frozenset(READERS)


@pages.page(
    "/home",
    key="home",
    title="What needs me now?",
    roles=SIGNED_IN,
    shows=Shows.ORGANISATION,
    who_can_see="You. Others see a home page of their own, with what their role allows.",
)
def home(visit: Visit) -> ResponseReturnValue:
    """Show the home of the role acted in."""
    for roles, show in HOMES:
        if visit.acting.holds(roles):
            return show(visit)
    return _trust(visit)


def _trust(visit: Visit) -> ResponseReturnValue:
    found = _trust_facts(visit)
    acting, top = visit.acting, visit.acting.holds(BOARD_TOP)
    manages = acting.holds(MANAGERS)
    return visit.render(
        "home/board.html" if top else "home/trust.html",
        title="Where are we, and what must I decide?" if top else None,
        runs=acting.holds(ORGANISERS),
        on_board=acting.holds(BOARD),
        reads_plans=acting.holds(READS_PLANS),
        manages=manages,
        waiting=_waiting(visit) if manages else [],
        sees_sharing=acting.has_icb and acting.holds(SEES_SHARING),
        stuck=_stuck(visit, found["plan"]) if top else [],
        **found,
    )


def _trust_facts(visit: Visit) -> dict[str, Any]:
    """Ask every service what concerns this person; one that is away leaves its part out."""
    api, today = visit.api, local_day(g.now)
    rounds = _rounds(visit)
    latest = for_you.current_round(rounds)
    current = (
        visit.optional("assessment", lambda: api.assessment.get(f"/rounds/{latest['id']}"), None) if latest else None
    )
    plans, mine = [], []
    if visit.acting.holds(READS_PLANS):
        plans = visit.optional("action_plan", lambda: api.action_plan.get("/plans"), NOTHING)["items"]
        mine = visit.optional("action_plan", lambda: api.action_plan.get("/actions", mine="true"), NOTHING)["items"]
    tasks = for_you.action_tasks(mine, today)
    if current:
        tasks += for_you.round_tasks(visit.acting, current)
    plan = for_you.current_plan(plans)
    for one in for_you.open_plans(plans):
        tasks += for_you.plan_tasks(visit.acting, one, beside=one is not plan)
    tasks += for_you.sharing_tasks(visit.acting, current, _suggested(visit, current), plans)
    return {
        "tasks": for_you.in_order(tasks),
        "round": current,
        "plan": plan,
        "plan_stands": "approved" if plan and for_you.holds(plan) else plan and plan["state"],
        "plan_drafts": for_you.drafts(plans, plan),
        "news": _news(visit),
        "nothing_yet": not rounds and not plans,
    }


def _rounds(visit: Visit) -> list[dict[str, Any]]:
    """Return the self-assessments that somebody of this role may be told of."""
    if not visit.acting.holds(INVITABLE):
        return []
    found: list[dict[str, Any]] = visit.optional("assessment", lambda: visit.api.assessment.get("/rounds"), NOTHING)[
        "items"
    ]
    return found


def _suggested(visit: Visit, current: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """Return what is shared and suggested of the self-assessment, for whoever decides it."""
    if current is None or not for_you.may_have_to_share(visit.acting, current):
        return None
    path = f"/rounds/{current['id']}/sharing"
    found: dict[str, Any] | None = visit.optional("assessment", lambda: visit.api.assessment.get(path), None)
    return found


def _stuck(visit: Visit, plan: Mapping[str, Any] | None) -> list[dict[str, Any]]:
    """Return the actions of the plan that are stuck, by the same rule as its page for the board."""
    if plan is None:
        return []
    nothing: dict[str, Any] = {"actions": []}
    whole = visit.optional("action_plan", lambda: visit.api.action_plan.get(f"/plans/{plan['id']}"), nothing)
    return [one for one in whole["actions"] if is_stuck(one)]


def _waiting(visit: Visit) -> list[dict[str, Any]]:
    """Return the invitations that were sent and not taken up yet."""
    invitations = visit.optional("directory", lambda: visit.api.directory.get("/invitations"), NOTHING)["items"]
    return [one for one in invitations if one["state"] == "sent"]


def _news(visit: Visit) -> list[dict[str, Any]]:
    """Return the three newest things that happened, from the inbox."""
    found: dict[str, Any] = visit.optional("notification", lambda: visit.api.notification.get("/inbox"), NOTHING)
    return list(found["items"][:3])


def _icb(visit: Visit) -> ResponseReturnValue:
    statuses = visit.optional("insight", lambda: visit.api.insight.get("/trust-status"), NOTHING)["items"]
    newest = sorted(
        ({"trust": one, **shared} for one in statuses for shared in one.get("shared") or ()),
        key=lambda shared: str(shared.get("since") or ""),
        reverse=True,
    )
    return visit.render(
        "home/icb.html",
        title="What changed, and who needs us?",
        news=_news(visit),
        statuses=statuses,
        shown=[one for one in statuses if one["progress"] == "shared"],
        newest=newest[:5],
    )


def _analyst(visit: Visit) -> ResponseReturnValue:
    figures = visit.optional("insight", lambda: visit.api.insight.get("/published-figures"), NOTHING)["items"]
    published = [one for one in figures if one["state"] == "published"]
    return visit.render(
        "home/analyst.html",
        title="How many, where, since when?",
        latest=published[0] if published else None,
        waiting=[one for one in figures if one["state"] in ("checking", "prepared")],
        news=_news(visit),
    )


def _administrator(visit: Visit) -> ResponseReturnValue:
    return visit.render("home/administrator.html", title="Is the register right?", waiting=_waiting(visit))


def _editorial(visit: Visit) -> ResponseReturnValue:
    """Show what is being worked on: what waits for an approver, what was sent back to an editor."""
    drafts = visit.optional("assessment", lambda: visit.api.assessment.get("/question-set-drafts"), NOTHING)["items"]
    wanted = "sent" if visit.acting.holds(frozenset({Role.NATIONAL_APPROVER})) else "draft"
    return visit.render(
        "home/editorial.html",
        title="What needs me now?",
        drafts=[one for one in drafts if one["state"] == wanted],
        approves=wanted == "sent",
        news=_news(visit),
    )


def _plain(visit: Visit) -> ResponseReturnValue:
    return visit.render("home/plain.html", title="What needs me now?", news=_news(visit))


HOMES: list[tuple[frozenset[Role], Callable[[Visit], ResponseReturnValue]]] = [
    (ICB, _icb),
    (frozenset({Role.NATIONAL_ANALYST, Role.REGIONAL_LEAD}), _analyst),
    (frozenset({Role.NATIONAL_ADMINISTRATOR}), _administrator),
    (frozenset({Role.NATIONAL_EDITOR, Role.NATIONAL_APPROVER}), _editorial),
    (frozenset({Role.OPERATOR}), _plain),
]
