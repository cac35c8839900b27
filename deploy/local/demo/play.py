"""The story, in the order in which people would live it."""

from __future__ import annotations

import fcntl
import time
from collections import Counter
from functools import partial
from typing import TYPE_CHECKING

from deploy.local.demo import elsewhere, figures
from deploy.local.demo.actor import Actor, NotSeenError, RefusedError, until
from deploy.local.demo.aldermere import ICB, TRUST, Aldermere
from deploy.local.demo.cast import Cast
from deploy.local.demo.narration import Narration
from deploy.local.steps import done, heading, say
from shared.testing.sign_in import SignInStopped, TokenRefused

if TYPE_CHECKING:
    from deploy.local.system import System

PLACES = {  # a page that each service shows to somebody, once it has heard of our people
    "assessment": "/question-sets",
    "action_plan": "/plans",
    "notification": "/inbox",
}


class StoryStopped(Exception):
    """A step of the story was refused, or its effect was not seen in time; the message says which."""


def play(system: System) -> int:
    """Play the whole story; 0 when every step was accepted and seen, now or before."""
    heading("The story, played through the public APIs as the people would")
    try:
        if not ensure_played(system):
            say("  It has been played on this machine before. To play it again: make demo-reset demo")
    except StoryStopped as failure:
        say(f"\n  The story stopped here: {failure}")
        return 1
    return 0


def ensure_played(system: System) -> bool:
    """Play the story unless it has been played to its end; True when it was played now. Raises StoryStopped.

    Two who ask at once do not both play: the second waits and finds it played.
    """
    with (system.profile.folder / "story.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        try:
            return _play(Narration(), Cast(system.profile, system.servers.settings))
        except (RefusedError, NotSeenError, SignInStopped, TokenRefused) as failure:
            raise StoryStopped(str(failure)) from failure


def _play(narration: Narration, cast: Cast) -> bool:
    started = time.monotonic()
    wait_for_the_people(cast, narration)
    if figures.are_published(cast):
        return False
    if has_begun(cast):
        raise StoryStopped("it was begun on this machine and never came to its end. Afresh: make demo-reset demo")
    Aldermere(cast, narration).play()
    play_the_others(cast, narration)
    figures.play(cast, narration)
    narration.summary()
    done("The whole story", time.monotonic() - started)
    return True


def wait_for_the_people(cast: Cast, narration: Narration) -> None:
    """Every service learns of people and organisations by events; the first call waits until it has."""
    lena, iris = cast.act("lena.lead", TRUST), cast.act("iris.icb", ICB)
    for service, path in PLACES.items():
        _, seconds = until(partial(_answers, lena, service, path), f"{service}: our people", patience=90)
        narration.seen(f"{service} has heard of Aldermere's people", seconds)
    for person in cast.of(TRUST):  # each is heard of by an event of their own, in no order among them
        one = cast.act(person.username, TRUST)
        until(partial(_answers, one, "notification", "/inbox"), f"notification: {person.username}", patience=90)
    _, seconds = until(partial(_answers, iris, "insight", "/trust-status"), "insight: our people", patience=90)
    narration.seen("insight has heard of Northvale's people", seconds)


def has_begun(cast: Cast) -> bool:
    rounds = cast.act("lena.lead", TRUST).get("assessment", "/rounds")["items"]
    return bool(rounds)


def play_the_others(cast: Cast, narration: Narration) -> None:
    started = time.monotonic()
    narration.chapter("Nineteen other fictional trusts, through the same APIs, several at a time")
    stages = Counter(progress.stage for progress in elsewhere.play(cast))
    words = ", ".join(f"{count} {stage}" for stage, count in sorted(stages.items()))
    narration.tell(f"{words} ({time.monotonic() - started:.0f} s)")


def _answers(person: Actor, service: str, path: str) -> bool:
    """Whether the service lets this person in yet; it does so as soon as it has heard of the membership."""
    try:
        person.get(service, path)
    except RefusedError as refused:
        if refused.status not in (403, 503):
            raise
        return False
    return True
