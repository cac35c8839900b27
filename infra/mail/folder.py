"""Sent mail as files: one .eml a message, so that a page or a test can show what was sent."""

import os
import re
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")


def keep(folder: Path, content: bytes, *, label: str) -> Path:
    """Write one mail; names sort by the time of arrival. `label` tells apart those of one moment."""
    folder.mkdir(parents=True, exist_ok=True)
    moment = datetime.now(UTC).strftime("%Y%m%dT%H%M%S.%f")
    path = folder / f"{moment}-{_UNSAFE.sub('_', label)[:80]}.eml"
    draft = path.with_suffix(".new")
    with open(os.open(draft, os.O_CREAT | os.O_WRONLY | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
    draft.replace(path)
    return path


def compose(sender: str, recipients: list[str], subject: str, text: str) -> bytes:
    """A mail in the form it has on the wire."""
    message = EmailMessage(policy=default)
    message["From"] = sender
    message["To"] = ", ".join(recipients)
    message["Subject"] = subject
    message.set_content(text)
    return message.as_bytes()
