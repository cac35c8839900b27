"""T9: an event whose parts name different tenants, things or owners is set aside, and nothing of it is written."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import combinations

import psycopg
import pytest

from shared.contracts import event_types
from shared.ids import new_id
from shared.mechanism import dead_letter, inbox, parked_event
from tests.integration.shared.event_path import EventPath, body_of, effect, headers_of, until

SET_ASIDE = "select object_id, count(*) from notification.audit_entry where action = 'event.set-aside' group by 1"
LETTERS = "select headers ->> 'ce_id', reason from notification.dead_letter where consumer = %s"
REASONS = {"contract-broken", "tenant-differs"}


@dataclass
class Draft:
    """An honest event of the path's organisation, until somebody spoils a part of it."""

    path: EventPath
    key: str = field(default_factory=lambda: str(new_id()))
    headers: dict[str, str] = field(default_factory=dict)
    payload: bytes = b""

    def __post_init__(self) -> None:
        self.headers = headers_of(self.path, self.key, 1)
        self.payload = body_of(self.key)

    def send(self) -> str:
        self.path.send_raw(self.key.encode(), self.payload, self.headers)
        return self.headers["ce_id"]


def another_tenant(draft: Draft) -> None:
    draft.headers["ce_tenantid"] = draft.path.reader.world.tenant()


def another_key(draft: Draft) -> None:
    draft.key = draft.headers["ce_partitionkey"] = str(new_id())


def another_thing_inside(draft: Draft) -> None:
    draft.payload = body_of(str(new_id()))


def another_owner(draft: Draft) -> None:
    draft.headers["ce_orgid"] = draft.path.reader.world.trust()


FAULTS = (another_tenant, another_key, another_thing_inside, another_owner)
SINGLES: Sequence[tuple[Callable[[Draft], None], ...]] = [(fault,) for fault in FAULTS]
PAIRS = list(combinations(FAULTS, 2))


@pytest.mark.parametrize("batched", [False, True], ids=["one by one", "many together"])
def test_four_faults_and_their_six_pairs_are_each_set_aside_once_and_write_nothing(
    path: EventPath, batched: bool
) -> None:
    loop = path.loop(effect, batched=batched)
    honest, spoiled = [], []
    for faults in (*SINGLES, *PAIRS):
        draft = Draft(path)
        for fault in faults:
            fault(draft)
        spoiled.append(draft.send())
        honest.append(Draft(path).send())

    until(lambda: path.count(dead_letter, consumer=path.name) == len(spoiled), loop.turn, seconds=40)
    until(lambda: len(path.effects()) == len(honest), loop.turn)

    with psycopg.connect(path.reader.superuser_url) as connection:
        lines = dict(connection.execute(SET_ASIDE).fetchall())
        letters = dict(connection.execute(LETTERS, [path.name]).fetchall())
    assert sorted(path.effects()) == sorted(honest)
    assert path.count(inbox, consumer=path.name) == len(honest)
    assert path.count(parked_event, consumer=path.name) == 0
    assert {one: lines.get(one) for one in spoiled} == dict.fromkeys(spoiled, 1)
    assert letters.keys() == set(spoiled)
    assert set(letters.values()) == REASONS
    assert set(loop._consumer.lag().values()) == {0}, "the places of the topic were not gone past"


@pytest.mark.parametrize(
    "header",
    [{"ce_partitionkey": "another-key"}, {"ce_type": f"{event_types.ACTION_COMPLETED[:-1]}9"}, {"ce_orgid": "NOBODY1"}],
)
def test_an_event_whose_envelope_makes_no_sense_is_set_aside_too(path: EventPath, header: dict[str, str]) -> None:
    draft = Draft(path)
    draft.headers |= header
    draft.send()

    loop = path.loop(effect)
    until(lambda: path.count(dead_letter, consumer=path.name, key=draft.key) == 1, loop.turn)

    assert path.effects() == []
    assert path.count(parked_event, consumer=path.name) == 0
