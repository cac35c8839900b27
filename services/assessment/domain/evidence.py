"""Evidence: files and links that show the board what is true of an item.

A piece of evidence is used again: next time its keepers are asked whether it is still true, and keep, replace or drop
it. What a signed self-assessment showed stays as it was.
"""

import unicodedata
from datetime import timedelta
from enum import StrEnum
from urllib.parse import urlsplit

from services.assessment.domain.errors import NotValid, RuleBroken
from services.assessment.domain.texts import required_text

LARGEST_FILE = 20 * 1024 * 1024
"""Bytes: a long board paper with pictures."""
MOST_PER_ITEM = 20
LONGEST_TITLE = 200
LONGEST_LINK = 2_000
LONGEST_FILE_NAME = 100
ARRIVES_WITHIN = timedelta(minutes=10)
"""How long a file may take between being announced and being there; after that it is swept."""
SWEPT_AFTER = timedelta(minutes=15)


class FileState(StrEnum):
    ARRIVING = "arriving"
    """Announced, perhaps partly stored: nobody sees it."""
    CHECKING = "checking"
    """Stored, in quarantine until a scanner says that it is clean."""
    READY = "ready"
    REFUSED = "refused"


class StillTrue(StrEnum):
    KEEP = "keep"
    REPLACE = "replace"
    DROP = "drop"


class FileNotTaken(NotValid):
    """The file is empty, too large, or not of a kind that is taken; nothing of it is kept."""

    slug = "file-not-taken"

    def __init__(self, message: str) -> None:
        super().__init__("file", message)


class NotReady(RuleBroken):
    """A file is given out only after it was checked."""

    slug = "file-not-ready"


class AnsweredBefore(RuleBroken):
    """Whether an earlier piece is still true was answered already."""

    slug = "answered-before"


def check_size(size: int) -> None:
    """:raises FileNotTaken: the file is empty or too large."""
    if size == 0:
        raise FileNotTaken("This file is empty. Choose another one.")
    if size > LARGEST_FILE:
        megabytes = LARGEST_FILE // (1024 * 1024)
        raise FileNotTaken(f"This file is larger than {megabytes} MB. Make it smaller, or add a link to it.")


def checked_title(title: str | None) -> str:
    """:raises NotValid: what it shows was not said."""
    return required_text("title", title, "Say what it shows, in a few words", longest=LONGEST_TITLE)


def checked_link(link: str | None) -> str:
    """The address of a page.

    :raises NotValid: it is none that a browser opens by http or https, or carries a name and password.
    """
    cleaned = required_text("link", link, "Enter the address of the page", longest=LONGEST_LINK)
    try:
        address = urlsplit(cleaned)
        whole = address.scheme in {"http", "https"} and bool(address.hostname) and address.username is None
    except ValueError:
        whole = False
    if not whole or any(sign.isspace() or not sign.isprintable() for sign in cleaned):
        raise NotValid("link", "Enter a whole address that begins with https:// or http://")
    return cleaned


def safe_file_name(name: str) -> str:
    """The name without folders, and without signs that no file system or page can show honestly."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    shown = "".join(sign for sign in last if unicodedata.category(sign)[0] != "C" and sign not in '<>:"|?*')
    stem, dot, ending = shown.strip(" .").rpartition(".")
    if not dot:
        stem, ending = ending, ""
    stem = stem.strip(" .")[:LONGEST_FILE_NAME] or "file"
    return f"{stem}.{ending[:10]}" if ending else stem
