from datetime import date, timedelta

import pytest

from services.assessment.domain.decisions import Decision, checked_decision, decision_to_sign
from services.assessment.domain.errors import NotValid

TODAY = date(2026, 11, 24)
RECORDED = Decision(date(2026, 10, 20), "Item 7", "secretary")


def test_the_signer_may_name_the_meeting_instead_of_confirming_the_record() -> None:
    signed = decision_to_sign(TODAY, "Item 9", recorded=RECORDED, recorded_on=TODAY, today=TODAY)

    assert signed == Decision(TODAY, "Item 9", None)


def test_a_record_can_be_confirmed_for_thirty_days() -> None:
    recorded_on = TODAY - timedelta(days=30)

    assert decision_to_sign(None, None, recorded=RECORDED, recorded_on=recorded_on, today=TODAY) == RECORDED
    with pytest.raises(NotValid):
        decision_to_sign(None, None, recorded=RECORDED, recorded_on=recorded_on - timedelta(days=1), today=TODAY)


def test_a_meeting_of_tomorrow_has_decided_nothing() -> None:
    with pytest.raises(NotValid):
        checked_decision(TODAY + timedelta(days=1), None, today=TODAY)
