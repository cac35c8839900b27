"""F11 to F13: everything twice, out of order, and poison; each event has its effect once, in its place, or none."""

from collections import Counter
from collections.abc import Iterable, Mapping
from functools import partial

import pytest

from services.insight import handlers as insight
from services.notification import handlers as notification
from shared import catalogue
from shared.ids import new_id
from tests.faults.foreign_writer import (
    LARGEST,
    TOPIC,
    Raw,
    allow_large_records,
    read_again_from_the_start,
    send_everything_again,
    write,
)
from tests.faults.raw_events import Spoiled, event, every_poison, id_of
from tests.faults.rebuilding import rebuilt
from tests.faults.register import Trust
from tests.faults.trial import Trial
from tests.faults.waiting import until

pytestmark = [pytest.mark.faults, pytest.mark.timeout(1800)]
HANDLERS = {"insight": insight.HANDLERS, "notification": notification.HANDLERS}
READERS = tuple(HANDLERS)
EFFECTS = "select concat_ws(' ', event_id, person_id, org_id, kind) from notification.message"
PARKED = "select headers ->> 'ce_id' from {}.parked_event"
LETTERS = "select headers ->> 'ce_id', reason from {}.dead_letter where resolved_at is null"
TOO_OLD = "update {}.parked_event set parked_at = parked_at - interval '11 minutes' where headers ->> 'ce_id' = any(%s)"


def test_everything_delivered_twice_and_replayed_to_live_consumers_has_no_second_effect(trial: Trial) -> None:
    with trial.load() as load:
        trial.let_it_run()
    trial.rig.settle()
    told_before = trial.evidence.ask(EFFECTS)

    again = send_everything_again(trial.rig.settings.kafka, catalogue.topics())
    trial.fault_now()
    for service in READERS:
        trial.rig.table.stop(f"{service}-consumer")
        names = [topic.name for topic in catalogue.topics_read_by(service)]
        read_again_from_the_start(trial.rig.settings.kafka, f"{service}.main", names)
        trial.killed.add(f"{service}-consumer")
        trial.rig.run(f"{service}-consumer")
    last = event(trial.trusts[0], str(new_id()), 1)
    send(trial, [last])
    until(lambda: all(handled(trial, service, [last]) for service in READERS), "the replay is over", every=0.5)

    told_after = trial.evidence.ask(EFFECTS)
    assert sorted(set(told_after) - set(told_before)) == []
    assert Counter(told_after).most_common(1)[0][1] == 1
    worst = f"{again} records sent again, each read a third time"
    trial.judge("F11", "every record twice, then all from the start", load, more=[rebuilt(trial.rig)], worst=worst)


def test_events_in_the_wrong_order_wait_for_the_one_before_and_a_gap_that_stays_is_set_aside(trial: Trial) -> None:
    pairs = int(trial.figures.pick(5, 100))
    plan, gap = str(new_id()), str(new_id())
    ordered = [event(trial.trusts[0], plan, version) for version in range(1, 2 * pairs + 1)]
    swapped = [ordered[place ^ 1] for place in range(2 * pairs)]
    alone = event(trial.trusts[0], gap, 2)

    with trial.load() as load:
        send(trial, [*swapped, alone])
        trial.fault_now()
        until(lambda: all(handled(trial, service, ordered) for service in READERS), "all are applied", every=0.5)

    for service in READERS:
        times = dict(trial.evidence.ask(f"select event_id::text, handled_at from {service}.inbox"))
        applied = [times[id_of(raw)] for raw in ordered]
        assert applied == sorted(applied)
        assert id_of(alone) in parked(trial, service)
    (count,) = trial.evidence.ask("select done from insight.plan_status where plan_id::text = %s", plan)
    assert count == (2 * pairs,)

    grow_old(trial, [alone])
    until(
        lambda: all(letters(trial, service).get(id_of(alone)) == "gap" for service in READERS), "the gap is set aside"
    )
    trial.judge("F12", f"{pairs} pairs of neighbours swapped, one gap", load, worst="parked, then applied in order")


def test_poison_costs_itself_alone_and_is_set_aside_once_with_its_reason(trial: Trial) -> None:
    poison = every_poison(trial.trusts[0])
    bad = [each for each in poison if each.reason is not None]
    allow_large_records(trial.rig.settings.kafka, TOPIC, LARGEST)

    with trial.load() as load:
        for each in poison * int(trial.figures.pick(1, 3)):
            send(trial, [each.raw])
            trial.fault_now()
            trial.let_it_run(100 / trial.figures.rate / len(poison) / trial.figures.pick(3, 1))
        mismatched = next(each.raw for each in bad if each.reason == "tenant-differs")
        until(
            lambda: all(id_of(mismatched) in parked(trial, service) for service in READERS), "it waits for its tenant"
        )
        grow_old(trial, [mismatched])
    allow_large_records(trial.rig.settings.kafka, TOPIC, 262_144)

    for service in READERS:
        set_aside = {id_of(each.raw): each.reason for each in poison if is_set_aside(service, each)}
        until(partial(holds, trial, service, set_aside), f"all is set aside by {service}")
        assert handled(trial, service, [each.raw for each in poison if not is_set_aside(service, each)])
    worst = ", ".join(sorted({str(each.reason) for each in bad}))
    trial.judge("F13", f"{len(poison)} kinds of poison, one in a hundred", load, worst=f"set aside: {worst}")


def is_set_aside(service: str, poison: Spoiled) -> bool:
    """Tell whether a service sets a record aside: the content of an event that it does not use, it does not look at."""
    if poison.reason == "contract-broken":
        return poison.raw.headers["ce_type"] in HANDLERS[service]
    return poison.reason is not None


def holds(trial: Trial, service: str, wanted: Mapping[str, str | None]) -> bool:
    """Tell whether a service set these events aside, each for its reason."""
    return wanted.items() <= letters(trial, service).items()


def test_a_dead_letter_is_handled_by_the_command_once_its_cause_is_mended(trial: Trial) -> None:
    stranger = Trust(f"QX{new_id().hex[-5:]}".upper(), f"RX{new_id().hex[-5:]}".upper())
    early = event(stranger, str(new_id()), 1)
    send(trial, [early])
    until(lambda: all(id_of(early) in parked(trial, service) for service in READERS), "it waits for its organisation")
    grow_old(trial, [early])
    until(lambda: all(id_of(early) in letters(trial, service) for service in READERS), "it is set aside")

    trial.people.register.enter([stranger])
    trial.rig.settle()
    for service in READERS:
        trial.rig.command(service, "replay-dead-letters", "--policy", "skip")

    for service in READERS:
        assert id_of(early) not in letters(trial, service)
        assert handled(trial, service, [early])
    rows = trial.evidence.ask("select tenant_id from insight.plan_status where org_id = %s", stranger.code)
    assert rows == [(stranger.tenant,)]


def send(trial: Trial, records: Iterable[Raw]) -> None:
    """Put records on their topics that no outbox of ours told."""
    wanted = list(records)
    trial.rig.foreign |= {raw.headers["ce_id"] for raw in wanted}
    write(trial.rig.settings.kafka, wanted)


def handled(trial: Trial, service: str, records: Iterable[Raw]) -> bool:
    """Tell whether a service's consumer has handled all of these."""
    ids = [id_of(raw) for raw in records]
    found = trial.evidence.ask(f"select count(*) from {service}.inbox where event_id::text = any(%s)", ids)
    return found == [(len(ids),)]


def parked(trial: Trial, service: str) -> set[str]:
    """Return the ids of what waits for something else."""
    return {str(found) for (found,) in trial.evidence.ask(PARKED.format(service))}


def letters(trial: Trial, service: str) -> dict[str, str]:
    """Return why each of the events set aside was."""
    return {str(id_): str(reason) for id_, reason in trial.evidence.ask(LETTERS.format(service))}


def grow_old(trial: Trial, records: Iterable[Raw]) -> None:
    """Let what is parked have waited for longer than anything may."""
    for service in READERS:
        trial.evidence.change(TOO_OLD.format(service), [id_of(raw) for raw in records])
