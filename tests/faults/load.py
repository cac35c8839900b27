"""The load client: commands at a steady rate over all trusts, each in the ledger before it is sent and after.

Two kinds, because they are safe to repeat for different reasons: an action is added with an idempotency key, an answer
is saved against the version it replaces. Each leaves the operation's id in the row it makes, so that rows and ledger
can be compared one by one; each request names it too, so that the audit trail can be.
"""

import itertools
import threading
import time
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import requests

from shared.clock import local_day
from shared.contracts.roles import Role
from shared.ids import new_id
from tests.faults.ledger import Ledger, Operation, Outcome
from tests.faults.people import People
from tests.faults.register import Trust

ACTION, ANSWER = "action.added", "answer.saved"
SERVICE_OF = {ACTION: "action_plan", ANSWER: "assessment"}


@dataclass
class Request:
    """An HTTP request that may be sent again."""

    operation: Operation
    method: str
    path: str
    body: dict[str, Any]
    headers: dict[str, str]
    role: Role
    trust: Trust


@dataclass
class Load:
    """Sends at `rate` commands a second from `threads` threads while its `with` block lasts."""

    people: People
    trusts: Collection[Trust]
    ledger: Ledger
    urls: Callable[[str], str]
    rate: float = 20.0
    threads: int = 8
    timeout: float = 20.0
    kinds: tuple[str, ...] = (ACTION, ANSWER)
    unfinished: list[Request] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self._count, self._count_of_kinds = itertools.count(), itertools.count()
        self._turns = itertools.cycle(self.trusts)
        self._cells = self._free_cells()
        self._errors: list[BaseException] = []

    def __enter__(self) -> "Load":
        self._began = time.monotonic()
        self._workers = [threading.Thread(target=self._work, daemon=True) for _ in range(self.threads)]
        for worker in self._workers:
            worker.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for worker in self._workers:
            worker.join(timeout=self.timeout + 10)
        assert not self._errors, self._errors

    def acknowledged(self) -> int:
        """Return how many operations were acknowledged so far."""
        return sum(each.outcome is Outcome.OK for each in self.ledger.operations())

    def send_unfinished_again(self) -> None:
        """Repeat every operation whose outcome is unknown, as a person or a proxy does; each must now be answered."""
        again, self.unfinished = self.unfinished, []
        session = requests.Session()
        for request in again:
            answer = self._answer(session, request, again=True)
            assert answer is Outcome.OK, (request.operation, answer)

    def _work(self) -> None:
        session = requests.Session()
        try:
            while not self._stop.is_set():
                due = self._began + next(self._count) / self.rate
                if self._stop.wait(max(0.0, due - time.monotonic())):
                    return
                self._answer(session, self._next())
        except BaseException as error:
            self._errors.append(error)

    def _next(self) -> Request:
        with self._lock:
            number = next(self._count_of_kinds)
            cell = next(self._cells, None) if self.kinds[number % len(self.kinds)] == ANSWER else None
            return self._save_answer(*cell) if cell else self._add_action(next(self._turns))

    def _free_cells(self) -> Iterator[tuple[Trust, str, str]]:
        """Every item of every board member once: an answer is saved for the first time."""
        for item in self.people.items:
            for place in range(len(next(iter(self.trusts)).board)):
                for trust in self.trusts:
                    cell = (trust.code, trust.board[place], item)
                    if cell not in self.people.used:
                        self.people.used.add(cell)
                        yield trust, trust.board[place], item

    def _add_action(self, trust: Trust) -> Request:
        operation = self._operation(trust, trust.lead, ACTION)
        body = {
            "priority_id": trust.priority,
            "title": operation.id,
            "owner_id": trust.lead,
            "due_on": (local_day(datetime.now(UTC)) + timedelta(days=30)).isoformat(),
        }
        path, headers = f"/v1/plans/{trust.plan}/actions", {"Idempotency-Key": operation.key}
        return Request(operation, "POST", path, body, headers, Role.IMPROVEMENT_LEAD, trust)

    def _save_answer(self, trust: Trust, person: str, item: str) -> Request:
        operation = self._operation(trust, person, ANSWER)
        body = {"level": 3, "cannot_judge": False, "why": operation.id}
        path, headers = f"/v1/rounds/{trust.round}/my-answers/{item}", {"If-Match": '"0"'}
        return Request(operation, "PUT", path, body, headers, Role.BOARD_MEMBER, trust)

    def _operation(self, trust: Trust, person: str, kind: str) -> Operation:
        name = str(new_id())
        return Operation(name, trust.tenant, trust.code, person, kind, name, time.time())

    def _answer(self, session: requests.Session, request: Request, *, again: bool = False) -> Outcome:
        operation, service = request.operation, SERVICE_OF[request.operation.kind]
        person = self.people.headers(service, request.trust, operation.user, request.role)
        if not again:
            self.ledger.before(operation)
        try:
            answer = session.request(
                request.method,
                self.urls(service) + request.path,
                json=request.body,
                headers=person | request.headers | {"X-Request-Id": operation.id},
                timeout=self.timeout,
            )
            status = self._judged(answer, request, again=again)
        except requests.RequestException:
            status = None
        outcome = self.ledger.after(operation.id, status)
        if outcome is Outcome.UNKNOWN:
            self.unfinished.append(request)
        return outcome

    @staticmethod
    def _judged(answer: requests.Response, request: Request, *, again: bool) -> int:
        """A repeated save that finds its own words in place was done the first time."""
        if answer.status_code == 503:
            assert "Retry-After" in answer.headers, "nobody said when to try again"
        if again and answer.status_code == 412 and answer.json()["current"].get("why") == request.operation.id:
            return 200
        return answer.status_code
