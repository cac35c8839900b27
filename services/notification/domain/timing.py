"""When mail is sent: urgent kinds at once, everything else gathered into one mail a day."""

from datetime import datetime, time, timedelta, tzinfo

SUMMARY_AT = time(7, 30)
"""Local time of the daily summary: before the first meeting, after the night's reminders."""


def next_summary(now: datetime, zone: tzinfo) -> datetime:
    """Return the instant of the next daily summary after `now`, with `now`'s offset handled in local time."""
    local = now.astimezone(zone)
    today = datetime.combine(local.date(), SUMMARY_AT, zone)
    chosen = today if local < today else datetime.combine(local.date() + timedelta(days=1), SUMMARY_AT, zone)
    return chosen.astimezone(now.tzinfo)
