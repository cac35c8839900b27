"""The mails that the stand-in for the mail service took: a file each, named after the id it answered with."""

import email
from email.policy import default
from pathlib import Path

from tests.faults.identities import Mail


def mails_in(folder: Path) -> list[Mail]:
    """Return every mail in the order of arrival."""
    return [_mail(file) for file in sorted(folder.glob("*.eml"))]


def _mail(file: Path) -> Mail:
    message = email.message_from_bytes(file.read_bytes(), policy=default)
    return Mail(file.stem.partition("-")[2], str(message["To"]).partition("@")[0])
