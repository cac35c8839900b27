"""A broker that is away for a moment ends no consumer: what was handled is committed when the broker is back."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from kafka.errors import GroupAuthorizationFailedError, KafkaConnectionError, KafkaError

from shared.ids import new_id
from shared.kafka import Consumer, Record
from tests.integration.shared.event_path import QUICK, TOPIC, EventPath, Running, effect, until

TIMES = 3


class Failing:
    """One call of the client that fails a few times before it works again."""

    def __init__(self, client: Any, call: str, error: type[KafkaError]) -> None:
        self._real: Callable[..., Any] = getattr(client, call)
        self._error = error
        self.left = TIMES
        setattr(client, call, self)

    def __call__(self, *arguments: Any, **options: Any) -> Any:
        if self.left:
            self.left -= 1
            raise self._error
        return self._real(*arguments, **options)


def read_by_the_next_member(path: EventPath) -> list[Record]:
    """Return what a member that takes the group's place is given to read."""
    member = Consumer(path.broker("notification"), path.name, [TOPIC], max_records=50)
    found: list[Record] = []
    until(lambda: bool(member._consumer.assignment()), lambda: found.extend(member.poll(0.2)))
    found.extend(member.poll(1.0))
    member.close()
    return found


@pytest.mark.parametrize("call", ["poll", "commit", "position"])
def test_a_consumer_goes_on_when_the_broker_is_back(path: EventPath, call: str) -> None:
    failing: list[Failing] = []

    def run(stop: Callable[[], bool]) -> None:
        loop = path.loop(effect, stop=stop, patience=replace(QUICK, measure_lag=0))
        failing.append(Failing(loop._consumer._consumer, call, KafkaConnectionError))
        loop.run()

    path.add(str(new_id()), 3)
    path.drain()
    with Running(run) as running:
        until(lambda: bool(running.errors) or (len(path.effects()) == 3 and not failing[0].left))

    assert len(path.effects()) == 3
    assert read_by_the_next_member(path) == []


def test_a_consumer_that_may_not_commit_ends_and_says_why(path: EventPath) -> None:
    loop = path.loop(effect)
    Failing(loop._consumer._consumer, "commit", GroupAuthorizationFailedError)
    path.add(str(new_id()))
    path.drain()

    with pytest.raises(GroupAuthorizationFailedError):
        until(lambda: False, loop.turn)
