"""An invitation lives 14 days and works once; only a fingerprint of its secret is kept."""

from datetime import UTC, datetime, timedelta

import pytest

from services.directory.domain.invitations import (
    InvitationDates,
    InvitationNotUsable,
    InvitationState,
    check_acceptable,
    check_resendable,
    fingerprint,
    matches,
    new_secret,
)

SENT = datetime(2026, 11, 1, 9, tzinfo=UTC)


def test_the_link_works_to_the_last_second_of_the_fourteenth_day() -> None:
    check_acceptable(InvitationDates(SENT), now=SENT + timedelta(days=14) - timedelta(seconds=1))


def test_after_fourteen_days_the_link_says_what_to_do() -> None:
    with pytest.raises(InvitationNotUsable, match="Ask the person who invited you for a new one"):
        check_acceptable(InvitationDates(SENT), now=SENT + timedelta(days=14))


def test_an_accepted_invitation_does_not_work_again() -> None:
    with pytest.raises(InvitationNotUsable, match="accepted already"):
        check_acceptable(InvitationDates(SENT, accepted_at=SENT), now=SENT + timedelta(days=1))


def test_a_withdrawn_invitation_does_not_work() -> None:
    dates = InvitationDates(SENT, withdrawn_at=SENT)

    assert dates.state(SENT) is InvitationState.WITHDRAWN
    with pytest.raises(InvitationNotUsable, match="withdrawn"):
        check_acceptable(dates, now=SENT)


def test_an_expired_invitation_may_be_sent_again() -> None:
    dates = InvitationDates(SENT)

    assert dates.state(SENT + timedelta(days=30)) is InvitationState.EXPIRED
    check_resendable(dates)


@pytest.mark.parametrize("over", [{"accepted_at": SENT}, {"withdrawn_at": SENT}])
def test_an_invitation_that_is_over_is_not_sent_again(over: dict[str, datetime]) -> None:
    with pytest.raises(InvitationNotUsable):
        check_resendable(InvitationDates(SENT, **over))


def test_only_the_secret_itself_matches_its_fingerprint() -> None:
    secret = new_secret()

    assert matches(secret, fingerprint(secret))
    assert not matches(new_secret(), fingerprint(secret))
    assert secret not in fingerprint(secret)


def test_a_secret_has_at_least_256_bits() -> None:
    assert len(new_secret()) >= 43
    assert len({new_secret() for _ in range(50)}) == 50
