"""Typed text that could not be saved: kept encrypted for 30 minutes, for that person acting for that organisation.

It is put back into the form the person typed it in, never sent to a service by itself.
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import Row, delete, insert, select

from services.portal.models import kept_text
from services.portal.store import Store
from services.portal.vault import Unreadable, Vault

KEEP_FOR = timedelta(minutes=30)
NEVER_KEPT = frozenset({"csrf_token", "acting_for"})
MOST_WINDOWS = 10
"""Texts of one form that are kept at a time; the oldest gives way."""
LONGEST = 200_000
"""Characters of one form that are kept; longer ones are no form of ours."""


class Why(StrEnum):
    """Why the text was not saved."""

    SIGNED_OUT = "signed-out"
    CONFIRM = "confirm"
    AWAY = "away"
    OTHER_WINDOW = "other-window"
    TOO_MANY = "too-many"
    TOO_LARGE = "too-large"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Kept:
    """One form's typed text: where it belongs, why it was not saved, and what was typed."""

    id: str
    path: str
    title: str
    why: Why
    kept_at: datetime
    fields: Mapping[str, list[str]]

    @property
    def form_key(self) -> str:
        """Which opening of the form it was typed in: two windows have two."""
        return _form_key(self.fields)


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose text it is: a person acting for an organisation."""

    person_id: str
    acting_org: str


class KeptTexts:
    """Stores, finds and forgets kept text."""

    def __init__(self, store: Store, vault: Vault) -> None:
        self._store = store
        self._vault = vault

    def keep(self, owner: Owner, path: str, title: str, why: Why, fields: Mapping[str, list[str]]) -> str | None:
        """Keep what was typed at `path`, in place of what the same form held before; returns its id, None if too long.

        What was typed into the same form in another window stays beside it.
        """
        wanted = {name: values for name, values in fields.items() if name not in NEVER_KEPT}
        if sum(len(value) for values in wanted.values() for value in values) > LONGEST:
            return None
        kept_id, now = secrets.token_urlsafe(16), self._store.clock.now()
        row = {
            "id": kept_id,
            "person_id": owner.person_id,
            "acting_org": owner.acting_org,
            "path": path,
            "content": self._vault.seal_mapping({"title": title, "fields": wanted}),
            "reason": why.value,
            "kept_at": now,
        }
        there = self.all_at(owner, path)
        before = [kept.id for kept in there if kept.form_key == _form_key(wanted)]
        before += [kept.id for kept in there[MOST_WINDOWS - 1 :]]
        with self._store.transaction() as db:
            db.execute(delete(kept_text).where(*_of(owner), kept_text.c.id.in_(before)))
            db.execute(insert(kept_text).values(row))
        return kept_id

    def all_of_person(self, person_id: str) -> list[Kept]:
        """Return everything kept for a person, whomever they acted for, newest first."""
        return self._running(kept_text.c.person_id == person_id)

    def all_at(self, owner: Owner, path: str) -> list[Kept]:
        """Return what is kept for the form at `path`, newest first: one for each window it was typed in."""
        return self._running(*_of(owner), kept_text.c.path == path)

    def _running(self, *which: Any) -> list[Kept]:
        since = self._store.clock.now() - KEEP_FOR
        query = select(kept_text).where(*which, kept_text.c.kept_at > since).order_by(kept_text.c.kept_at.desc())
        with self._store.transaction() as db:
            rows = db.execute(query).all()
        return [kept for row in rows if (kept := self._read(row)) is not None]

    def forget(self, owner: Owner, *kept_ids: str) -> None:
        """Delete kept texts: the person does not want them."""
        with self._store.transaction() as db:
            db.execute(delete(kept_text).where(*_of(owner), kept_text.c.id.in_(kept_ids)))

    def forget_saved(self, owner: Owner, path: str, form_key: str) -> None:
        """Delete what is kept of the form at `path` that was just saved; another window's text stays."""
        saved = [kept.id for kept in self.all_at(owner, path) if kept.form_key == form_key]
        if saved:
            self.forget(owner, *saved)

    def sweep(self) -> None:
        """Delete what was kept for as long as we promise, whosever it is."""
        with self._store.transaction() as db:
            db.execute(delete(kept_text).where(kept_text.c.kept_at <= self._store.clock.now() - KEEP_FOR))

    def _read(self, row: Row[Any]) -> Kept | None:
        try:
            content = self._vault.open_mapping(row.content)
        except Unreadable:
            return None
        return Kept(row.id, row.path, content["title"], Why(row.reason), row.kept_at, content["fields"])


def _form_key(fields: Mapping[str, list[str]]) -> str:
    return next(iter(fields.get("form_key", ())), "")


def _of(owner: Owner) -> tuple[Any, ...]:
    return kept_text.c.person_id == owner.person_id, kept_text.c.acting_org == owner.acting_org
