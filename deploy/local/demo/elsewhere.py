"""The other nineteen trusts, through the same public APIs, several at a time: some finish, some are on the way."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from deploy.local.demo import assessing, heard_of, planning
from deploy.local.demo.actor import Json, until
from deploy.local.demo.aldermere import TRUST as PLAYED
from deploy.local.demo.cast import Cast
from infra.keycloak.demo_people import DemoOrganisation

AT_ONCE = 4
# How far a trust gets. Two in each region and each sector do not finish, so that eight and more are counted everywhere.
STOPS = {"DEMO09": "answering", "DEMO10": "not started", "DEMO19": "in discussion", "DEMO20": "agreed"}
# Of those that finish: who shares nothing, and whose plan is approved.
LEFT_ALONE = ("DEMO21", "DEMO22", "DEMO23")
"""No part of the story: whoever tries the demonstration, and the page tests, can begin there."""
SHARES_NOTHING = {"DEMO05", "DEMO14"}
PLANS_APPROVED = {"DEMO02", "DEMO03", "DEMO11", "DEMO12"}
# Who signs off where it is not the chair: somebody with a work account, who steps up with a second factor of ours.
SIGNERS = {"DEMO12": "wyn.work"}
ANSWERED_SO_FAR = 3


@dataclass(frozen=True, slots=True)
class Progress:
    """How far one trust got."""

    trust: str
    stage: str


def play(cast: Cast) -> list[Progress]:
    """Every trust but the one whose story was played and those that are left alone."""
    trusts = [trust for trust in cast.trusts() if trust.code not in (PLAYED, *LEFT_ALONE)]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(lambda trust: _play_one(cast, trust), trusts))


def _play_one(cast: Cast, trust: DemoOrganisation) -> Progress:
    stop = STOPS.get(trust.code, "signed off")
    if stop == "not started":
        return Progress(trust.code, stop)
    for service in ("assessment", "action_plan"):
        heard_of.wait_for_a_trust(cast, trust.code, service)
    lead = cast.act(f"lead.{trust.code.lower()}", trust.code)
    questions = assessing.question_set(lead)
    round_id = assessing.open_round(lead, questions, cast.board_of(trust.code))["id"]
    _answer(cast, trust.code, round_id, questions, only_some=stop == "answering")
    if stop == "answering":
        return Progress(trust.code, stop)
    assessing.close(lead, round_id)
    if stop == "in discussion":
        return Progress(trust.code, stop)
    assessing.discuss(lead, round_id)
    assessing.agree(lead, round_id, questions)
    if stop == "agreed":
        return Progress(trust.code, stop)
    return _finish(cast, trust.code, round_id, assessing.titles_of(questions))


def _answer(cast: Cast, trust: str, round_id: str, questions: Json, *, only_some: bool) -> None:
    board, items = cast.board_of(trust), assessing.items_of(questions)
    for place, (person, _) in enumerate(board[:ANSWERED_SO_FAR] if only_some else board):
        member = cast.act(person.username, trust)
        assessing.answer_everything(member, round_id, items, number=_number(trust), person=place)


def _finish(cast: Cast, trust: str, round_id: str, titles: dict[str, str]) -> Progress:
    lead, chair = cast.act(f"lead.{trust.lower()}", trust), cast.act(f"chair.{trust.lower()}", trust)
    assessing.sign_off(cast.act(SIGNERS[trust], trust) if trust in SIGNERS else chair, round_id)
    assessing.share(lead, chair, round_id, summary=trust not in SHARES_NOTHING, count_us=True)
    if trust not in PLANS_APPROVED:
        return Progress(trust, "signed off")
    plan, _ = until(lambda: planning.plan_of(lead, round_id), f"The plan of {trust}", patience=120)
    plan = planning.choose_priorities(lead, plan, titles)
    owner = cast.demonstration.person(f"member5.{trust.lower()}")
    planning.add_actions(lead, plan, owner.person_id, how_many=2)
    planning.approve(lead, chair, plan["id"])
    return Progress(trust, "plan approved")


def _number(trust: str) -> int:
    return int(trust.removeprefix("DEMO"))
