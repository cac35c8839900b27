"""When mail is sent and what it says."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from services.notification.bounces import bounce_of
from services.notification.domain.mail_text import LONGEST_SUMMARY, Line, single_mail, summary_mail
from services.notification.domain.timing import next_summary
from services.notification.wording import mail_frame

LONDON = ZoneInfo("Europe/London")


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (datetime(2026, 1, 5, 6, tzinfo=UTC), datetime(2026, 1, 5, 7, 30, tzinfo=UTC)),
        (datetime(2026, 1, 5, 8, tzinfo=UTC), datetime(2026, 1, 6, 7, 30, tzinfo=UTC)),
        (datetime(2026, 3, 28, 12, tzinfo=UTC), datetime(2026, 3, 29, 6, 30, tzinfo=UTC)),
        (datetime(2026, 10, 24, 12, tzinfo=UTC), datetime(2026, 10, 25, 7, 30, tzinfo=UTC)),
    ],
)
def test_the_daily_mail_goes_out_at_half_past_seven_local_time(now: datetime, expected: datetime) -> None:
    assert next_summary(now, LONDON) == expected


def _line(number: int) -> Line:
    return Line(f"Title {number}", "A line.", "Aldermere", f"http://x/{number}", f"Subject {number}", "The body.")


def test_a_mail_greets_says_what_and_where_and_how_to_stop_it() -> None:
    subject, body = single_mail(mail_frame(), _line(1), recipient="Lena Hart", preferences_link="http://x/account")

    assert subject == "Subject 1"
    assert body.startswith("Hello Lena Hart,")
    assert "The body." in body
    assert "http://x/1" in body
    assert "http://x/account" in body
    assert "{" not in body


def _summary(count: int) -> tuple[str, str]:
    return summary_mail(
        mail_frame(),
        [_line(number) for number in range(count)],
        recipient="Lena",
        preferences_link="http://x/account",
        inbox_link="http://x/inbox",
    )


def test_a_day_with_one_message_is_that_message() -> None:
    assert _summary(1)[0] == "Subject 0"


def test_a_day_with_many_messages_is_one_mail() -> None:
    subject, body = _summary(3)

    assert subject.startswith("3 things")
    assert all(f"http://x/{number}" in body for number in range(3))


def test_a_very_long_day_points_to_the_inbox_for_the_rest() -> None:
    _, body = _summary(LONGEST_SUMMARY + 4)

    assert "4 more: http://x/inbox" in body


BOUNCE = (
    '{"eventType": "Bounce", "bounce": {"bounceType": "Permanent"},'
    ' "mail": {"messageId": "m-1", "tags": {"reference": ["XNV01-0190"]}}}'
)


def test_a_bounce_is_told_with_its_tenant_and_its_mail() -> None:
    assert bounce_of(BOUNCE) == ("XNV01", "m-1", "bounced")


@pytest.mark.parametrize(
    "other",
    [
        BOUNCE.replace("Permanent", "Transient"),
        BOUNCE.replace('"Bounce"', '"Delivery"'),
        BOUNCE.replace("XNV01-0190", "nothing"),
        "{}",
    ],
)
def test_nothing_else_is_a_bounce(other: str) -> None:
    assert bounce_of(other) is None
