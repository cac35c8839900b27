"""Puts a mail together: one message, or the day's messages as one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from services.notification.domain.message_kinds import fill

LONGEST_SUMMARY = 30
"""Lines of a daily summary; what is beyond waits in the inbox, and the mail says so."""


@dataclass(frozen=True, slots=True)
class Line:
    """One message as a mail shows it; `link` is the full address."""

    title: str
    inbox_line: str
    organisation: str
    link: str
    subject: str
    body: str


def single_mail(frame: Mapping[str, Any], line: Line, *, recipient: str, preferences_link: str) -> tuple[str, str]:
    """Return subject and body of a mail about one thing."""
    body = "\n".join([line.body.strip(), "", fill(frame["link_line"], {"link": line.link})])
    return line.subject, _framed(frame, body, line.organisation, recipient, preferences_link)


def summary_mail(
    frame: Mapping[str, Any], lines: Sequence[Line], *, recipient: str, preferences_link: str, inbox_link: str
) -> tuple[str, str]:
    """Return subject and body of the daily mail; a day with one message is that message's own mail."""
    if len(lines) == 1:
        return single_mail(frame, lines[0], recipient=recipient, preferences_link=preferences_link)
    words = frame["daily_summary"]
    shown = [
        fill(
            words["line"],
            {
                "title": line.title,
                "organisation": line.organisation,
                "inbox_line": line.inbox_line,
                "link": line.link,
            },
        )
        for line in lines[:LONGEST_SUMMARY]
    ]
    if len(lines) > LONGEST_SUMMARY:
        shown.append(f"{len(lines) - LONGEST_SUMMARY} more: {inbox_link}")
    body = "\n\n".join([words["opening"], *shown])
    subject = fill(words["subject"], {"count": str(len(lines))})
    return subject, _framed(frame, body, lines[0].organisation, recipient, preferences_link)


def _framed(frame: Mapping[str, Any], body: str, organisation: str, recipient: str, preferences_link: str) -> str:
    greeting = fill(frame["greeting"], {"recipient": recipient})
    closing = fill(frame["closing"], {"organisation": organisation, "preferences_link": preferences_link})
    return "\n".join([greeting, "", body, "", closing.strip(), ""])
