"""A person's own e-mail address: asked for with a link to the new one, which lives 24 hours and works once.

The link shows that whoever asked reads the new mailbox. Only then does anything change.
"""

from datetime import datetime, timedelta

from services.directory.domain.errors import RuleBroken
from services.directory.domain.how_often import MOST

LIFETIME = timedelta(hours=24)


class AddressChangeTooOften(RuleBroken):
    """Three links have been sent within a day; each mails somebody who may be a stranger."""

    slug = "address-change-too-often"
    kind = "conflict"

    def __init__(self) -> None:
        super().__init__(
            f"You have asked for {MOST} links within 24 hours. Ask again tomorrow; what you have now stays."
        )


class AddressIsYours(RuleBroken):
    """The new address is the present one."""

    slug = "address-is-yours"
    kind = "invalid"


class AddressInUse(RuleBroken):
    """The new address is another person's; told only to somebody who reads its mails."""

    slug = "address-in-use"
    kind = "conflict"

    def __init__(self) -> None:
        super().__init__(
            "Another person here has this address, so nothing was changed. If that person is you, ask the access "
            "manager of your organisation."
        )


def check_other(address: str, present: str | None) -> None:
    """Raises AddressIsYours when nothing would change."""
    if present is not None and address.lower() == present.lower():
        raise AddressIsYours("This is your address already. Enter the new one.", field="email")


def link_works(asked_at: datetime, now: datetime) -> bool:
    """Whether the link of a change asked for at `asked_at` still works."""
    return now < asked_at + LIFETIME
