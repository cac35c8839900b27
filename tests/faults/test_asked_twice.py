"""F22 and F23: the same request many times at once has one effect; two who edit the same thing lose nothing."""

import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest
import requests

from shared.clock import local_day
from shared.ids import new_id
from tests.faults.ledger import Operation
from tests.faults.load import ACTION
from tests.faults.register import Trust
from tests.faults.trial import Trial

pytestmark = [pytest.mark.faults, pytest.mark.timeout(900)]
AT_ONCE = 40


def new_action(trust: Trust, title: str) -> dict[str, Any]:
    """Return the body that adds an action."""
    due = (local_day(datetime.now(UTC)) + timedelta(days=30)).isoformat()
    return {"priority_id": trust.priority, "title": title, "owner_id": trust.lead, "due_on": due}


def at_once(count: int, send: Callable[[], requests.Response]) -> list[requests.Response]:
    """Send from `count` threads that begin together; return the answers."""
    start = threading.Barrier(count)

    def one(_: int) -> requests.Response:
        start.wait()
        return send()

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(one, range(count)))


def test_forty_times_the_same_request_at_once_have_one_effect_and_one_answer(trial: Trial) -> None:
    titles = []
    for trust in trial.trusts[: int(trial.figures.pick(3, 36))]:
        key = str(new_id())
        titles.append(key)

        answers = at_once(AT_ONCE, partial(add, trial, trust, key, new_action(trust, key)))

        assert Counter(answer.status_code for answer in answers) == {201: AT_ONCE}
        assert all(answer.json() == answers[0].json() for answer in answers)
        assert sum(answer.headers.get("Idempotent-Replay") == "true" for answer in answers) == AT_ONCE - 1
        trial.fault_now()

    note_sent(trial, titles)
    load = trial.load()
    trial.judge("F22", f"{AT_ONCE} requests with one key at once", load, worst="one row and one answer each")


def test_a_key_used_for_something_else_is_refused_and_another_key_is_another_request(trial: Trial) -> None:
    trust, key, title = trial.trusts[0], str(new_id()), str(new_id())

    first = add(trial, trust, key, new_action(trust, title))
    other = add(trial, trust, key, new_action(trust, "something else"))
    again = add(trial, trust, str(new_id()), new_action(trust, title))

    assert first.status_code == again.status_code == 201
    assert first.json()["id"] != again.json()["id"]
    assert (other.status_code, other.json()["type"]) == (422, "/problems/key-used-for-other-request")


def test_people_who_edit_the_same_action_at_once_lose_no_change(trial: Trial) -> None:
    trust = trial.trusts[0]
    writers = changes = int(trial.figures.pick(8, 20))
    made = add(trial, trust, str(new_id()), new_action(trust, "count with us") | {"next_step": "0"})
    address = f"{trial.rig.url('action_plan')}/v1/actions/{made.json()['id']}"
    headers = trial.people.as_lead("action_plan", trust)
    refused: list[tuple[str, str]] = []

    def count_on(_: int) -> None:
        session = requests.Session()
        for _ in range(changes):
            increment(session, address, headers, refused)

    with ThreadPoolExecutor(writers) as pool:
        list(pool.map(count_on, range(writers)))

    assert int(requests.get(address, headers=headers, timeout=30).json()["next_step"]) == writers * changes
    assert refused, "nobody was ever second: the writers did not meet"
    assert all(theirs != mine for mine, theirs in refused)
    what = f"{writers} people change one text {changes} times each"
    trial.results.note(
        trial.figures.name, "F23", what, writers * changes, f"{len(refused)} told that others were first"
    )


def increment(session: requests.Session, address: str, headers: dict[str, str], refused: list[tuple[str, str]]) -> None:
    """Read, add one, save; begin again from what the other saved when somebody was first."""
    found = session.get(address, headers=headers, timeout=30)
    text, etag = found.json()["next_step"], found.headers["ETag"]
    while True:
        mine = str(int(text) + 1)
        saved = session.patch(address, json={"next_step": mine}, headers=headers | {"If-Match": etag}, timeout=30)
        if saved.status_code == 200:
            return
        assert saved.status_code == 412, saved.text
        current = saved.json()["current"]
        refused.append((f"{mine}@{etag}", f"{current['next_step']}@{current['version']}"))
        text, etag = current["next_step"], f'"{current["version"]}"'


def add(trial: Trial, trust: Trust, key: str, body: dict[str, Any]) -> requests.Response:
    """Add an action under a key of one's own choice."""
    headers = trial.people.as_lead("action_plan", trust) | {"Idempotency-Key": key, "X-Request-Id": body["title"]}
    address = f"{trial.rig.url('action_plan')}/v1/plans/{trust.plan}/actions"
    return requests.post(address, json=body, headers=headers, timeout=60)


def note_sent(trial: Trial, titles: list[str]) -> None:
    """Write into the ledger what was sent without the load client."""
    for title, trust in zip(titles, trial.trusts, strict=False):
        trial.ledger.before(Operation(title, trust.tenant, trust.code, trust.lead, ACTION, title, 0.0))
        trial.ledger.after(title, 201)
