"""The list of self-assessments and where each of them stands."""

from flask import g, request
from flask.typing import ResponseReturnValue

from services.portal.page import PageSet, Shows
from services.portal.pages.plans.wording import READERS
from services.portal.pages.rounds.steps import STATUSES, steps_of
from services.portal.pages.rounds.who import BOARD, BY_US, INVITABLE, ORGANISERS, RUNNERS
from services.portal.visit import Visit
from shared.clock import local_day

pages = PageSet("rounds")
RUNNING = frozenset({"draft", "open", "closed", "agreed"})


@pages.page(
    "/rounds",
    key="rounds",
    title="Self-assessments: what did we do before?",
    roles=INVITABLE,
    shows=Shows.ORGANISATION,
    who_can_see=BY_US,
)
def rounds(visit: Visit) -> ResponseReturnValue:
    """List the organisation's self-assessments, newest first."""
    found = visit.api.assessment.get("/rounds", cursor=request.args.get("cursor"))
    return visit.render(
        "rounds/list.html",
        found=found,
        may_start=visit.acting.holds(ORGANISERS),
        running=next((one for one in found["items"] if one["state"] in RUNNING), None),
        on_board=visit.acting.holds(BOARD),
    )


@pages.page(
    "/rounds/<round_id>",
    key="rounds.show",
    title="Where does this self-assessment stand?",
    roles=INVITABLE,
    shows=Shows.ORGANISATION,
    who_can_see=BY_US,
)
def show(visit: Visit, round_id: str) -> ResponseReturnValue:
    """Show the steps of one self-assessment, and the next one."""
    found = visit.api.assessment.get(f"/rounds/{round_id}")
    steps = steps_of(found, visit.acting)
    people = found["respondents"]
    missing = people["not_finished"] or []
    return visit.render(
        "rounds/show.html",
        title=found["name"],
        caption="Where does this stand?",
        back={"href": "/rounds", "text": "Back to self-assessments"},
        round=found,
        steps=steps,
        next_step=next((step for step in steps if step.status == "now"), None),
        statuses=STATUSES,
        waiting=people["invited"] - people["finished"] if found["state"] == "open" else 0,
        missing=missing,
        reminded_today=found["reminded_on"] == local_day(g.now).isoformat(),
        names=visit.names(missing),
        organises=visit.acting.holds(ORGANISERS),
        runs=visit.acting.holds(RUNNERS),
        on_board=visit.acting.holds(BOARD),
        reads_plans=visit.acting.holds(frozenset(READERS)),
    )


@pages.act("/rounds/<round_id>/open", key="rounds.open", roles=ORGANISERS, back_to="rounds.show")
def open_draft(visit: Visit, round_id: str) -> ResponseReturnValue:
    """Begin answering of a self-assessment that was set up before."""
    visit.api.assessment.post(f"/rounds/{round_id}/open")
    return visit.go("rounds.show", round_id=round_id, done="The invitations are on their way.")
