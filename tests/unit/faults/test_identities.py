"""Each identity finds what it is there to find: one planted fault each, and none in what is whole."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from tests.faults import event_identities, identities
from tests.faults.event_identities import Handled, Sent, Told
from tests.faults.identities import Finding, Mail, Message, Row
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
DENIED = replace(REFUSED, id="d", status=403)
MESSAGE, MAIL = Message("m", "somebody", "mail-1"), Mail("mail-1", "somebody")


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
        event_identities.outbox_is_topic(TOLD, [*SENT, SENT[0]]),
        event_identities.topic_is_inbox([*SENT, SENT[0]], HANDLED, []),
        event_identities.in_order([*SENT, replace(SENT[0], offset=9)], POSITIONS, HANDLED),
        event_identities.has_its_effect({"e1", "e2"}, ["e2", "e1"]),
        event_identities.shows_the_last([*SENT, SENT[0]], POSITIONS),
        event_identities.in_its_tenant(
            [replace(SENT[0], said_org="RT1", said_tenant="QT1"), *SENT], [ROW], {"RT1": ["QT1"]}, {"k": "RT1"}
        ),
        identities.audited_once([ROW], ["a"], {}),
        identities.refused_once([DONE, REFUSED, DENIED], ["d"]),
        identities.mailed([MESSAGE], [Mail("mail-0", "somebody"), MAIL], crashes=1),
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
        (event_identities.outbox_is_topic(TOLD, SENT[:1]), "never sent: e2"),
        (event_identities.outbox_is_topic(TOLD[:1], SENT), "told by nobody: e2"),
        (event_identities.outbox_is_topic(TOLD, [SENT[0], replace(SENT[1], tenant="QT2")]), "changed on the way: e2"),
        (event_identities.topic_is_inbox(SENT, HANDLED[:1], []), "not handled: e2"),
        (event_identities.topic_is_inbox(SENT[:1], HANDLED, []), "handled, but on no topic: e2"),
        (event_identities.topic_is_inbox(SENT, [*HANDLED, HANDLED[0]], []), "handled 2 times: e1"),
        (event_identities.in_order(SENT[1:], POSITIONS, HANDLED), "versions on the topic: k [2]"),
        (event_identities.in_order(SENT, {("impact.action-plan", "k"): 1}, HANDLED), "applied up to 1 of 2: k"),
        (
            event_identities.in_order(
                SENT, POSITIONS, [Handled("e1", NOON), Handled("e2", NOON - timedelta(seconds=1))]
            ),
            "applied out of order: k",
        ),
        (event_identities.has_its_effect({"e1"}, []), "no effect: e1"),
        (event_identities.has_its_effect({"e1"}, ["e1", "e1"]), "2 effects: e1"),
        (event_identities.has_its_effect({"e1"}, ["e1", "e2"]), "effect without being handled: e2"),
        (event_identities.shows_the_last(SENT, {("impact.action-plan", "k"): 1}), "shows 1 of 2: k"),
        (event_identities.in_its_tenant(SENT, [], {"RT1": ["QT2"]}, {}), "event e1: RT1 told for QT1"),
        (event_identities.in_its_tenant([], [ROW], {"RT1": ["QT1", "QT2"]}, {}), "row row-a: RT1 in QT1"),
        (
            event_identities.in_its_tenant([replace(SENT[0], said_org="RT2")], [], {"RT1": ["QT1"]}, {}),
            "event e1: RT1 told, RT2 said",
        ),
        (
            event_identities.in_its_tenant([replace(SENT[0], said_tenant="QT2")], [], {"RT1": ["QT1"]}, {}),
            "event e1: QT1 told, QT2 said",
        ),
        (
            event_identities.in_its_tenant(SENT, [], {"RT1": ["QT1"]}, {"k": "RT2"}),
            "event e1: RT1 told of a thing of RT2",
        ),
        (identities.audited_once([ROW], [], {}), "not audited: a"),
        (identities.audited_once([ROW], ["a", "x"], {}), "audited, not done: x"),
        (identities.audited_once([ROW], ["a", "a"], {}), "audited 2 times: a"),
        (identities.audited_once([ROW], ["a"], {"QT1": 7}), "chain of QT1 breaks at 7"),
        (identities.refused_once([DENIED], []), "refusal not audited: d"),
        (identities.refused_once([DENIED], ["d", "d"]), "refusal audited 2 times: d"),
        (identities.refused_once([DONE], ["a"]), "refusal audited, not refused: a"),
        (identities.mailed([MESSAGE, Message("n", "x", None)], [MAIL], crashes=0), "never delivered: n"),
        (identities.mailed([MESSAGE], [Mail("mail-1", "x")], crashes=0), "to somebody else: m"),
        (identities.mailed([MESSAGE], [MAIL, Mail("mail-2", "x")], 0), "1 mails more than messages, 0 crashes"),
        (identities.rebuilt_is_live({"t": "1"}, {"t": "2"}), "differs: t"),
        (identities.back_within([DONE], 0.5, 0.1)[0], "back after 0.7 s, allowed are 0"),
    ],
)
def test_a_planted_fault_is_found(finding: Finding, wrong: str) -> None:
    assert wrong in finding.wrong
    assert not finding.holds


def test_a_check_of_nothing_proves_nothing() -> None:
    assert not identities.acknowledged_is_durable([], []).holds
