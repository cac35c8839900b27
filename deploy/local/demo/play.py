"""The story, in the order in which people would live it."""

from __future__ import annotations

import fcntl
import time
from collections import Counter
from typing import IO, TYPE_CHECKING

from requests import RequestException

from deploy.local.demo import elsewhere, figures, heard_of
from deploy.local.demo.actor import NotSeenError, RefusedError
from deploy.local.demo.aldermere import TRUST, Aldermere
from deploy.local.demo.cast import Cast
from deploy.local.demo.narration import Narration
from deploy.local.steps import done, heading, say
from shared.testing.sign_in import SignInStopped, TokenRefused

if TYPE_CHECKING:
    from deploy.local.system import System


BEGUN = "it was begun on this machine and never came to its end."


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

    Two who ask at once do not both play: the second waits and finds it played, or reads where it stopped.
    """
    with (system.profile.folder / "story.lock").open("a+") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        try:
            return _play(Narration(), Cast(system.profile, system.servers.settings), stopped_before=_read(lock))
        except (RefusedError, NotSeenError, SignInStopped, TokenRefused, RequestException) as failure:
            lock.truncate(0)
            lock.write(" ".join(str(failure).split()))  # in one line: so the last page of a test run shows it
            raise StoryStopped(str(failure)) from failure


def _read(lock: IO[str]) -> str:
    lock.seek(0)
    return lock.read()


def _play(narration: Narration, cast: Cast, *, stopped_before: str) -> bool:
    started = time.monotonic()
    heard_of.wait_for_the_people(cast, narration)
    if figures.are_published(cast):
        return False
    if has_begun(cast):
        where = f" It stopped here: {stopped_before}" if stopped_before else ""
        raise StoryStopped(f"{BEGUN} Afresh: make demo-reset demo.{where}")
    Aldermere(cast, narration).play()
    play_the_others(cast, narration)
    figures.play(cast, narration)
    narration.summary()
    done("The whole story", time.monotonic() - started)
    return True


def has_begun(cast: Cast) -> bool:
    rounds = cast.act("lena.lead", TRUST).get("assessment", "/rounds")["items"]
    return bool(rounds)


def play_the_others(cast: Cast, narration: Narration) -> None:
    started = time.monotonic()
    narration.chapter("Nineteen other fictional trusts, through the same APIs, several at a time")
    stages = Counter(progress.stage for progress in elsewhere.play(cast))
    words = ", ".join(f"{count} {stage}" for stage, count in sorted(stages.items()))
    narration.tell(f"{words} ({time.monotonic() - started:.0f} s)")
