"""Services hear of people by events, each person by an event of their own and in no order among them.

So whoever plays waits until everybody who is needed is let in everywhere; a step of the story never meets a service
that has not heard of its people yet.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from functools import partial

from deploy.local.demo.actor import Actor, RefusedError, until
from deploy.local.demo.aldermere import ICB, TRUST
from deploy.local.demo.cast import Cast
from deploy.local.demo.narration import Narration

PATIENCE = 90.0
AT_ONCE = 4
BOARD = frozenset({"improvement-lead", "company-secretary", "chair", "chief-executive", "board-member"})
PLACES: dict[str, tuple[str, frozenset[str] | None]] = {
    "assessment": ("/rounds", BOARD),
    "action_plan": ("/plans", BOARD | {"action-owner"}),
    "notification": ("/inbox", None),
}
"""A page of each service that is refused until it has heard of a person, and whose it is (None: everybody's)."""


def wait_for_the_people(cast: Cast, narration: Narration) -> None:
    """Wait for the people of the main story, those of its ICB and of the national team. Raises NotSeenError."""
    iris, nora = cast.act("iris.icb", ICB), cast.act_nationally("nora.analyst")
    for service in PLACES:
        seconds = wait_for_a_trust(cast, TRUST, service)
        narration.seen(f"{service} has heard of Aldermere's people", seconds)
    _, seconds = until(partial(_answers, iris, "insight", "/trust-status"), "insight: our people", patience=PATIENCE)
    narration.seen("insight has heard of Northvale's people", seconds)
    until(partial(_answers, nora, "insight", "/published-figures"), "insight: the national team", patience=PATIENCE)


def wait_for_a_trust(cast: Cast, trust: str, service: str) -> float:
    """Wait until a service lets in everybody of a trust who uses it; the seconds it took. Raises NotSeenError."""
    path, roles = PLACES[service]

    def one(username: str) -> float:
        look = partial(_answers, cast.act(username, trust), service, path)
        return until(look, f"{service}: {username}", patience=PATIENCE)[1]

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return max(pool.map(one, [person.username for person in cast.of(trust, roles)]))


def _answers(person: Actor, service: str, path: str) -> bool:
    """Whether the service lets this person in yet; it does so as soon as it has heard of the membership."""
    try:
        person.get(service, path)
    except RefusedError as refused:
        if refused.status not in (403, 503):
            raise
        return False
    return True
