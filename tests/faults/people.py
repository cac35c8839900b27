"""Trusts, people and plans of the fault tests, made by the events and requests that make them in real life.

Organisations come from directory's own commands, an agreed result from assessment's outbox; everything else (plans,
priorities, self-assessments) from the services themselves.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import requests

from services.assessment.worker import publish
from shared import outbox
from shared.clock import local_day
from shared.contracts import event_types
from shared.contracts.roles import Role
from shared.database import UnitOfWork
from shared.ids import new_id
from shared.outbox import Event
from shared.principal import Principal
from tests.faults.register import Register, Trust
from tests.faults.rig import Rig
from tests.faults.waiting import until

QUESTION_SET = "trust-2026-1"
LEVELS = {"p1-purpose": "p1", "p2-culture": "p2", "p3-leaders": "p3", "p4-skills": "p4"}


class People:
    """Makes trusts and signs their people in."""

    def __init__(self, rig: Rig) -> None:
        self._rig = rig
        self.register = Register(rig)
        self.trusts: list[Trust] = []
        self.items: list[str] = []
        self.used: set[tuple[str, str, str]] = set()
        self._tokens: dict[tuple[str, str, str], tuple[str, float]] = {}
        self._skew: dict[str, int] = {}

    def found(self, count: int) -> list[Trust]:
        """Return `count` trusts, each in an ICB of its own, making those that are missing."""
        made = [Trust(f"Q{number:05}", f"R{number:05}") for number in range(len(self.trusts), count)]
        if made:
            self.register.enter(made)
            self._agree(made)
            until(lambda: all(self._plan(trust) for trust in made), "every trust has a plan", 120, every=0.5)
            for trust in made:
                self._choose(trust)
                self._open_round(trust)
            self.trusts += made
            self._rig.settle()
        return self.trusts[:count]

    def headers(self, service: str, trust: Trust, person: str, role: Role) -> dict[str, str]:
        """Return the headers of a person acting for a trust; tokens are used for four minutes."""
        now = datetime.now(UTC).timestamp()
        token, good_until = self._tokens.get((service, trust.code, person), ("", 0.0))
        if now > good_until:
            group = f"/{trust.code}/{role.value}"
            claims = self._rig.mint.claims(service, person, tenant_id=trust.tenant, groups=[group])
            claims |= {name: claims[name] + self._skew.get(service, 0) for name in ("iat", "exp", "auth_time")}
            token = self._rig.mint.sign(claims)
            self._tokens[(service, trust.code, person)] = (token, now + 240)
        return {"Authorization": f"Bearer {token}", "Acting-For": trust.code}

    def sign_in_again(self) -> None:
        """Forget the tokens, so that everybody gets a new one."""
        self._tokens.clear()

    @contextmanager
    def told_the_time(self, service: str, seconds: int) -> Iterator[None]:
        """Let tokens for one service be made by an issuer whose clock is wrong by as much as the service's."""
        self._skew[service] = seconds
        self.sign_in_again()
        yield
        self._skew.clear()
        self.sign_in_again()

    def as_lead(self, service: str, trust: Trust) -> dict[str, str]:
        """Return the headers of the trust's improvement lead."""
        return self.headers(service, trust, trust.lead, Role.IMPROVEMENT_LEAD)

    def send(self, method: str, service: str, path: str, trust: Trust, **options: Any) -> requests.Response:
        """Send one request as the trust's lead; anything but success fails the test."""
        headers = self.as_lead(service, trust) | options.pop("headers", {})
        answer = requests.request(method, self._rig.url(service) + path, headers=headers, timeout=30, **options)
        assert answer.ok, (answer.status_code, answer.text)
        return answer

    def _agree(self, trusts: list[Trust]) -> None:
        publish(self._rig.database("assessment"))
        for trust in trusts:
            round_id = str(new_id())
            data = {
                "round_id": round_id,
                "org_id": trust.code,
                "question_set_id": QUESTION_SET,
                "agreed_on": local_day(datetime.now(UTC)).isoformat(),
                "items": [
                    {"item_id": item, "practice_id": practice, "level": 2, "aim_level": 4, "previous_level": None}
                    for item, practice in LEVELS.items()
                ],
                "practices": [{"practice_id": practice, "level": 2} for practice in LEVELS.values()],
                "previous_round_id": None,
            }
            principal = Principal.service(trust.tenant, trust.code)
            with UnitOfWork(self._rig.database("assessment"), principal) as uow:
                outbox.add(uow, Event(event_types.RESULT_AGREED, round_id, data))
                uow.commit()

    def _plan(self, trust: Trust) -> Mapping[str, Any] | None:
        headers = self.as_lead("action_plan", trust)
        answer = requests.get(self._rig.url("action_plan") + "/v1/plans", headers=headers, timeout=30)
        if answer.status_code == 403:
            return None  # the membership has not arrived yet
        found: list[Mapping[str, Any]] = answer.json()["items"]
        return found[0] if found else None

    def _choose(self, trust: Trust) -> None:
        plan = self._plan(trust)
        assert plan is not None
        chosen = [{"item_id": item, "title": f"Move on: {item}"} for item in list(LEVELS)[:3]]
        path, version = f"/v1/plans/{plan['id']}/priorities", {"If-Match": f'"{plan["version"]}"'}
        answer = self.send("PUT", "action_plan", path, trust, json={"priorities": chosen}, headers=version)
        trust.plan, trust.priority = str(plan["id"]), str(answer.json()["priorities"][0]["id"])

    def _open_round(self, trust: Trust) -> None:
        invitation = {
            "question_set_id": QUESTION_SET,
            "name": "Spring",
            "closes_on": (local_day(datetime.now(UTC)) + timedelta(days=7)).isoformat(),
            "respondents": [{"person_id": person, "executive": None} for person in trust.board],
        }
        opened = self.send("POST", "assessment", "/v1/rounds", trust, json=invitation)
        trust.round = str(opened.json()["id"])
        if not self.items:
            questions = self.send("GET", "assessment", f"/v1/question-sets/{QUESTION_SET}", trust).json()
            self.items = [item["id"] for practice in questions["practices"] for item in practice["items"]]
