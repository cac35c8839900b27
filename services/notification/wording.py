"""Reads the words of messages and mails once a process."""

from functools import cache
from pathlib import Path
from typing import Any

import yaml

from services.notification.domain.message_kinds import MessageKind, kinds_by_event, read_kind

FOLDER = Path(__file__).resolve().parent


@cache
def message_kinds() -> dict[str, MessageKind]:
    """Return every kind of message by its name."""
    files = sorted((FOLDER / "messages").glob("*.yaml"))
    kinds = [read_kind(yaml.safe_load(path.read_text(encoding="utf-8"))) for path in files]
    return {kind.kind: kind for kind in kinds}


@cache
def kinds_of_event() -> dict[str, tuple[MessageKind, ...]]:
    """Return the kinds of message that each event type gives rise to."""
    return kinds_by_event(list(message_kinds().values()))


@cache
def mail_frame() -> dict[str, Any]:
    """Return the words around every mail."""
    frame: dict[str, Any] = yaml.safe_load((FOLDER / "mail_frame.yaml").read_text(encoding="utf-8"))
    return frame
