"""Saving and reading self-assessments: one at a time, everybody at once, and against the database's own limit."""

import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from shared.testing.service_under_test import ServiceUnderTest
from shared.testing.world import Person
from tests.bench.lean_caller import LeanCaller
from tests.bench.nation import Nation
from tests.bench.past_rounds import DISCUSSING, LONG_HISTORY
from tests.bench.rows import Row, Timing, time_each, within
from tests.bench.statements import pgbench, script_of, watched, what_bounds
from tests.bench.web_process import Caller, Door

CLIENTS = 8
GATE, AIM = 18.0, 25.0
"""Percent of the database's own limit that saving must reach, and what would be good."""
BUSY_SECONDS, A_MOMENT = 8, 1
TURNS = 5
"""How often saturation is measured; the middle one counts."""
CROWD = 300
OPENING, ANSWERING = 3, 4
"""Whose board is asked anew, again and again; the first trust whose board answers in peace."""


@dataclass(frozen=True)
class Assessments:
    """The measurements of this service."""

    nation: Nation
    door: Door
    times: int = 200
    busy_seconds: int = BUSY_SECONDS

    def rows(self) -> Iterator[Row]:
        """Measure everything, one after another."""
        yield self.saving()
        yield self.looking()
        yield self.opening()
        yield self.listing()
        yield self.own_answers()
        yield self.discussion()
        yield self.results()
        yield self.saturated()
        yield self.crowd()

    def saving(self) -> Row:
        """One member saves one answer after another."""
        person, path = self._answering(0)
        saver = Saver(self.door.caller(person), path, list(self.nation.questions.items))
        timing = time_each(lambda _: saver.save(), self.times)
        mine = self._in_process(person)
        again = Saver(mine, path, list(self.nation.questions.items), saver.versions)
        return within("Save one answer", timing, 9, what_bounds(self.door.service, again.save))

    def looking(self) -> Row:
        """The lead looks at one self-assessment."""
        trust = self.nation.trusts[ANSWERING]
        return self._reading("Open an assessment", trust.lead, f"/v1/rounds/{trust.open_round}", 12)

    def opening(self) -> Row:
        """A lead asks a board to answer, and gives it up again so that the next can begin; only the asking is timed."""
        trust = self.nation.trusts[OPENING]
        caller = self.door.caller(trust.lead)
        caller.call("POST", f"/v1/rounds/{trust.open_round}/abandon", {"reason": "The bench begins another."})
        asked = {
            "question_set_id": self.nation.questions.id,
            "name": "A new one",
            "closes_on": "2099-03-31",
            "respondents": [{"person_id": person} for person in trust.people[2:]],
        }
        seconds = []
        for _ in range(max(self.times // 4, 3)):
            started = time.perf_counter()
            begun = caller.call("POST", "/v1/rounds", asked)
            seconds.append(time.perf_counter() - started)
            caller.call("POST", f"/v1/rounds/{begun['id']}/abandon", {"reason": "The bench begins another."})
        board = len(asked["respondents"])
        return Row(f"Ask a board of {board} to answer", "none", str(Timing(seconds)), None, "one row a person asked")

    def listing(self) -> Row:
        """The lead of a trust with a long history lists it."""
        lead = self.nation.trusts[LONG_HISTORY].lead
        return self._reading("List 200 assessments", lead, "/v1/rounds?limit=200", 23)

    def own_answers(self) -> Row:
        """A member opens the page with all own answers."""
        person, path = self._answering(1)
        return self._reading("All own answers of one person", person, path, 12)

    def discussion(self) -> Row:
        """The lead opens the board's discussion."""
        trust = self.nation.trusts[DISCUSSING]
        what = f"Range of views of {len(self.nation.questions.items)} items"
        return self._reading(what, trust.lead, f"/v1/rounds/{trust.open_round}/discussion", 10)

    def results(self) -> Row:
        """The lead opens the newest signed result with what moved since the one before."""
        lead = self.nation.trusts[LONG_HISTORY].lead
        listed = self.door.caller(lead).call("GET", "/v1/rounds?limit=200")["items"]
        newest = next(each["id"] for each in listed if each["state"] == "signed_off")
        return self._reading("Matrix of two rounds", lead, f"/v1/rounds/{newest}/result", 15)

    def saturated(self) -> Row:
        """As many saves as the machine can carry, beside what the database alone can carry of the same statements.

        Measured in turn, several times: either figure wanders by a tenth from one minute to the next.
        """
        people = [self._answering(2 + number) for number in range(CLIENTS)]
        pairs = [(self._rate(people), self._limit(people)) for _ in range(TURNS if self.busy_seconds > A_MOMENT else 1)]
        rate, limit = sorted(pairs, key=lambda pair: pair[0] / pair[1])[len(pairs) // 2]
        percents = sorted(100 * saved / possible for saved, possible in pairs)
        percent = 100 * rate / limit
        words = f"{rate:.0f} saves/s, {percent:.0f} % of {limit:.0f}/s ({percents[0]:.0f} to {percents[-1]:.0f} %)"
        bound = "Python of the web process; load, web and database share the cores"
        if percent < AIM:
            bound = f"the {AIM:.0f} % aimed at are not reached: {bound}"
        return Row("Save at saturation", f"≥ {GATE:.0f} %, aim {AIM:.0f} %", words, percent >= GATE, bound)

    def _rate(self, people: Sequence[tuple[Person, str]]) -> float:
        """Saves per second of so many callers, each with the next save as soon as the last is answered."""
        items = list(self.nation.questions.items)
        jobs = [(self.door.port, self.door.headers(person), path, items, self.busy_seconds) for person, path in people]
        with ProcessPoolExecutor(CLIENTS, mp_context=get_context("spawn")) as pool:
            return sum(pool.map(keep_saving, jobs)) / self.busy_seconds

    def _limit(self, people: Sequence[tuple[Person, str]]) -> float:
        """Transactions per second of pgbench with the statements that saving sends."""
        items = list(self.nation.questions.items)
        with tempfile.TemporaryDirectory() as folder:
            scripts = []
            for number, (person, path) in enumerate(people):
                saver = Saver(self._in_process(person), path, items)
                saver.catch_up()
                with watched(self.door.service) as seen:
                    saver.save()
                scripts.append(Path(folder) / f"save-{number}.sql")
                scripts[-1].write_text(script_of(seen, self.door.service.superuser_url))
            url = self.door.service.config.database_url
            return pgbench(scripts, url, clients=CLIENTS, seconds=self.busy_seconds)

    def crowd(self) -> Row:
        """Many people of many boards save at the same time, each the whole set."""
        answering = len(self.nation.trusts) - ANSWERING
        wanted = min(CROWD, self.nation.size.board * answering)
        people = [self._answering(number) for number in range(wanted)]
        items = list(self.nation.questions.items)
        savers = [Saver(self.door.caller(person), path, items) for person, path in people]
        with ThreadPoolExecutor(wanted) as pool:
            outcomes = list(pool.map(lambda saver: saver.save_all(), savers))
        seconds = [each for of_one in outcomes for each in of_one]
        errors = wanted * len(items) - len(seconds)
        words = f"{errors} errors in {wanted * len(items)} saves, {Timing(seconds)}"
        return Row(f"{wanted} people save at once", "0 errors", words, errors == 0, "waiting in line for a web thread")

    def _answering(self, number: int) -> tuple[Person, str]:
        """One of those who answer, board after board, and where the own answers are."""
        board, member = divmod(number, self.nation.size.board)
        trust = self.nation.trusts[ANSWERING + board]
        return trust.member(member), f"/v1/rounds/{trust.open_round}/my-answers"

    def _reading(self, what: str, person: Person, path: str, goal: float) -> Row:
        caller = self.door.caller(person)
        timing = time_each(lambda _: caller.call("GET", path), self.times)
        mine = self._in_process(person)
        return within(what, timing, goal, what_bounds(self.door.service, lambda: mine.call("GET", path)))

    def _in_process(self, person: Person) -> "InProcess":
        return InProcess(self.door.service, person)


class InProcess:
    """Calls the application in this process, so that its statements can be watched."""

    def __init__(self, service: ServiceUnderTest, person: Person) -> None:
        self._client = service.app.test_client()
        self._headers = service.client(person).headers

    def call(self, method: str, path: str, body: Any = None, *, version: int | None = None) -> Any:
        """Return what is answered; raises AssertionError unless it is a success."""
        headers = self._headers if version is None else self._headers | {"If-Match": f'"{version}"'}
        answer = self._client.open(path, method=method, json=body, headers=headers)
        assert answer.status_code < 300, (method, path, answer.status_code, answer.text[:300])
        return answer.json


class Saver:
    """Somebody who answers one item after another, again and again."""

    def __init__(
        self,
        caller: Caller | LeanCaller | InProcess,
        path: str,
        items: list[str],
        versions: dict[str, int] | None = None,
    ) -> None:
        self._caller, self._path, self._items = caller, path, items
        self.versions = {} if versions is None else versions
        self._turn = 0

    def catch_up(self) -> None:
        """Learn the versions of what is there."""
        found = self._caller.call("GET", self._path)["items"]
        self.versions = {each["item_id"]: each["version"] for each in found}

    def save(self) -> None:
        """Save the next item at another level than before."""
        if not self.versions:
            self.catch_up()
        item = self._items[self._turn % len(self._items)]
        self._turn += 1
        body = {"level": 1 + self._turn % 5, "cannot_judge": False, "why": "What this person thinks of it. " * 4}
        saved = self._caller.call("PUT", f"{self._path}/{item}", body, version=self.versions[item])
        self.versions[item] = saved["version"]

    def save_all(self) -> list[float]:
        """Save every item once; return the seconds of those that were accepted."""
        self.catch_up()
        return [seconds for _ in self._items if (seconds := _seconds_of(self.save)) is not None]


def _seconds_of(act: Callable[[], None]) -> float | None:
    started = time.perf_counter()
    try:
        act()
    except (AssertionError, OSError):
        return None
    return time.perf_counter() - started


def keep_saving(job: tuple[int, dict[str, str], str, list[str], float]) -> int:
    """Save for so many seconds on one connection; return how often. Runs in a process of its own."""
    port, headers, path, items, seconds = job
    saver = Saver(LeanCaller(port, headers), path, items)
    saver.catch_up()
    count, until = 0, time.perf_counter() + seconds
    while time.perf_counter() < until:
        saver.save()
        count += 1
    return count
