"""Which work account may be linked to whom.

A link is made once, from a personal invitation, and names issuer and subject. The address that the issuer gives is held
against the invited one and used for nothing else: whoever got hold of a link cannot attach an account of their own.
"""

from dataclasses import dataclass

from services.directory.domain.errors import RuleBroken


class WorkAccountRefused(RuleBroken):
    """This work account cannot be linked to this person."""

    slug = "work-account-refused"
    kind = "conflict"


@dataclass(frozen=True, slots=True)
class WorkAccount:
    """Somebody as an outside issuer names them; `email` may be missing.

    `email_doubted`: the issuer itself says that it has not made sure whose address it is.
    """

    issuer: str
    subject: str
    email: str | None
    shown_name: str
    email_doubted: bool = False


def check_invited(work: WorkAccount, invited: str) -> None:
    """Raises WorkAccountRefused unless the issuer gives the address that was invited and does not doubt it."""
    if work.email is None:
        raise WorkAccountRefused("Your work account does not tell us its address. Accept without it.")
    if work.email_doubted:
        raise WorkAccountRefused("The address of your work account has not been confirmed. Accept without it.")
    if work.email.strip().lower() != invited.strip().lower():
        raise WorkAccountRefused(
            "The address of this work account is not the one that was invited. "
            "Ask whoever invited you to invite the address of your work account, or accept without it."
        )


def check_free(work: WorkAccount, person_id: str, *, holder: str | None, subject: str | None) -> None:
    """Raises WorkAccountRefused when somebody else holds this account, or this person another of the same issuer."""
    if holder not in (None, person_id):
        raise WorkAccountRefused("This work account is linked to somebody else.")
    if subject not in (None, work.subject):
        raise WorkAccountRefused("You have another work account linked already. Accept without this one.")
