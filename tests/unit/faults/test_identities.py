"""Each identity finds what it is there to find: one planted fault each, and none in what is whole."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from tests.faults import identities
from tests.faults.identities import Finding, Handled, Row, Sent, Told
from tests.faults.ledger import Operation, Outcome, outcome_of, read_ledger

NOON = datetime(2026, 6, 15, 12, tzinfo=UTC)
DONE = Operation("a", "QT1", "RT1", "p", "action.added", "a", 1.0, Outcome.OK, 201, 1.2)
CUT_OFF = replace(DONE, id="b", key="b", outcome=Outcome.UNKNOWN, status=None, ended=None)
REFUSED = replace(DONE, id="c", key="c", outcome=Outcome.FAIL, status=409)
ROW = Row("a", "row-a", "QT1", "RT1")
TOLD = [Told(f"e{version}", "impact.action-plan", "k", version, "QT1", "RT1") for version in (1, 2)]
SENT = [Sent(each.topic, 0, each.version - 1, each.key, each.id, each.version, each.tenant, each.org) for each in TOLD]
HANDLED = [Handled("e1", NOON), Handled("e2", NOON + timedelta(seconds=1))]
POSITIONS = {("impact.action-plan", "k"): 2}


@pytest.mark.parametrize(
    ("status", "outcome"),
    [(200, "ok"), (201, "ok"), (409, "fail"), (500, "fail"), (502, "unknown"), (503, "unknown"), (None, "unknown")],
)
def test_an_answer_says_what_may_be_concluded_from_it(status: int | None, outcome: str) -> None:
    assert outcome_of(status) == outcome


def test_an_operation_without_a_second_line_is_unknown_and_a_retry_has_the_last_word() -> None:
    first = '{"id": "a", "tenant": "Q", "trust": "R", "user": "p", "kind": "k", "key": "a", "began": 1.0}'
    cut_off = '{"id": "a", "outcome": "unknown", "status": null, "ended": 2.0}'
    done = '{"id": "a", "outcome": "ok", "status": 201, "ended": 3.0}'

    assert [each.outcome for each in read_ledger([first])] == [Outcome.UNKNOWN]
    assert [each.outcome for each in read_ledger([first, cut_off, done])] == [Outcome.OK]


def test_what_is_whole_holds() -> None:
    findings = [
        identities.acknowledged_is_durable([DONE, CUT_OFF, REFUSED], [ROW]),
        identities.acknowledged_is_durable([DONE, CUT_OFF], [ROW, replace(ROW, operation="b", id="row-b")]),
        identities.outbox_is_topic(TOLD, [*SENT, SENT[0]]),
        identities.topic_is_inbox([*SENT, SENT[0]], HANDLED, []),
        identities.in_order([*SENT, replace(SENT[0], offset=9)], POSITIONS, HANDLED),
        identities.in_its_tenant(SENT, [ROW], {"RT1": ["QT1"]}),
        identities.audited_once([ROW], ["row-a"], {}),
        identities.mailed(["m"], ["m", "m"], crashes=1),
        identities.rebuilt_is_live({"t": "1"}, {"t": "1"}),
        identities.back_within([DONE], 0.5, 5)[0],
    ]

    assert [finding for finding in findings if not finding.holds] == []


@pytest.mark.parametrize(
    ("finding", "wrong"),
    [
        (identities.acknowledged_is_durable([DONE], []), "lost: a"),
        (identities.acknowledged_is_durable([DONE, REFUSED], [ROW, replace(ROW, operation="c")]), "phantom: c"),
        (identities.acknowledged_is_durable([DONE], [ROW, ROW]), "2 times: a"),
        (identities.outbox_is_topic(TOLD, SENT[:1]), "never sent: e2"),
        (identities.outbox_is_topic(TOLD[:1], SENT), "told by nobody: e2"),
        (identities.outbox_is_topic(TOLD, [SENT[0], replace(SENT[1], tenant="QT2")]), "changed on the way: e2"),
        (identities.topic_is_inbox(SENT, HANDLED[:1], []), "not handled: e2"),
        (identities.topic_is_inbox(SENT[:1], HANDLED, []), "handled, but on no topic: e2"),
        (identities.topic_is_inbox(SENT, [*HANDLED, HANDLED[0]], []), "handled 2 times: e1"),
        (identities.in_order(SENT[1:], POSITIONS, HANDLED), "versions on the topic: k [2]"),
        (identities.in_order(SENT, {("impact.action-plan", "k"): 1}, HANDLED), "applied up to 1 of 2: k"),
        (
            identities.in_order(SENT, POSITIONS, [Handled("e1", NOON), Handled("e2", NOON - timedelta(seconds=1))]),
            "applied out of order: k",
        ),
        (identities.in_its_tenant(SENT, [], {"RT1": ["QT2"]}), "event e1: RT1 told for QT1"),
        (identities.in_its_tenant([], [ROW], {"RT1": ["QT1", "QT2"]}), "row row-a: RT1 in QT1"),
        (identities.audited_once([ROW], [], {}), "not audited: row-a"),
        (identities.audited_once([ROW], ["row-a", "x"], {}), "audited, not done: x"),
        (identities.audited_once([ROW], ["row-a"], {"QT1": 7}), "chain of QT1 breaks at 7"),
        (identities.mailed(["m", "n"], ["m"], crashes=0), "never delivered: n"),
        (identities.mailed(["m"], ["m", "m"], crashes=0), "1 delivered again, 0 crashes"),
        (identities.rebuilt_is_live({"t": "1"}, {"t": "2"}), "differs: t"),
        (identities.back_within([DONE], 0.5, 0.1)[0], "back after 0.7 s, allowed are 0"),
    ],
)
def test_a_planted_fault_is_found(finding: Finding, wrong: str) -> None:
    assert wrong in finding.wrong
    assert not finding.holds


def test_a_check_of_nothing_proves_nothing() -> None:
    assert not identities.acknowledged_is_durable([], []).holds
