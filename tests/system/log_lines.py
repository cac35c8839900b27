"""What the processes of the running system wrote down, and what must not be in it."""

import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import orjson
import psycopg
from psycopg import sql

from deploy.local.environment import environments
from deploy.local.system import System
from deploy.processes import Process
from tests.security.canaries.planting import PERSON_IDS, somebodys_columns
from tests.security.test_route_matrix import SERVICES

CHANGING = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|\b[0-9a-f]{16,}\b|\d+")
"""What makes a line differ from the last one like it: ids, digests and numbers."""
SECRET_NAMES = re.compile(r"PASSWORD|SECRET|ENCRYPTION")
HEAD = 40
"""Signs of a text that are looked for: what is cut short in a log is found as well."""
SHORTEST = 6
NEVER = {
    "a token": re.compile(r"eyJ[\w-]{8,}"),
    "a header with a token": re.compile(r"Bearer \S", re.IGNORECASE),
    "a session": re.compile(r"portal-session=\S"),
    "a code of the identity provider": re.compile(r"[?&](?:code|state)=\S"),
    "an invitation's link": re.compile(r"(?:/invitation|/by-token|/account/address)/[\w#-]{12,}"),
    "a signed link": re.compile(r"X-Amz-Signature|AWSAccessKeyId"),
    "an e-mail address": re.compile(r"[\w.+#-]+@[\w#-]+\.[\w.-]+"),
}


def files_of(logs: Path, process: Process) -> list[Path]:
    """Return the files of a process's log, those that were put aside for length too."""
    return sorted(logs.glob(f"{process.name}.log*"))


def alike(text: str) -> str:
    """Return a text with a sign in place of what changes from line to line."""
    return CHANGING.sub("#", text)


def kinds_of_lines(files: Iterable[Path]) -> set[str]:
    """Return each line once, however often it was written with other ids and numbers."""
    found: set[str] = set()
    for file in files:
        with file.open(encoding="utf-8", errors="replace") as lines:
            found |= {alike(line) for line in lines}
    return found


def typed_and_personal(system: System) -> set[str]:
    """Return every text that somebody typed, and everybody's name and address, as the services' tables hold them."""
    found: set[str] = set()
    with psycopg.connect(system.servers.settings.postgres.superuser_dsn()) as connection:
        for service in SERVICES:
            for table, column in somebodys_columns(service):
                if PERSON_IDS.search(column.name):
                    continue
                name, place = sql.Identifier(column.name), sql.Identifier(service, table.name)
                rows = connection.execute(
                    sql.SQL("select distinct {0} from {1} where {0} is not null").format(name, place)
                )
                found |= {text for (value,) in rows for text in _texts(value)}
    return {text for text in found if len(text) >= SHORTEST and (" " in text or "@" in text)}


def _texts(value: Any) -> Iterator[str]:
    """Yield the texts in a value; one that holds a document is read as one."""
    if isinstance(value, str) and value[:1] in "{[":
        with suppress(orjson.JSONDecodeError):
            value = orjson.loads(value)
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for part in value.values() if isinstance(value, dict) else value:
            yield from _texts(part)


def found_in(kinds: Iterable[str], words: Iterable[str]) -> set[str]:
    """Return what of `words`, and of what must never be logged, stands in these lines."""
    text = "\n".join(kinds)
    read = {word for word in words if any(form in text for form in _forms(word))}
    return read | {f"{what}: {hit.group()[:HEAD]}" for what, shape in NEVER.items() for hit in shape.finditer(text)}


def _forms(word: str) -> Iterator[str]:
    """Yield how a text looks in a line of plain text, and in one of JSON."""
    head = alike(word)[:HEAD]
    yield head
    yield orjson.dumps(head).decode()[1:-1]


def secrets_of(system: System) -> set[str]:
    """Return the passwords and secrets that the processes are started with."""
    found = set()
    for settings in environments(system.profile, system.servers.settings).values():
        for name, value in settings.items():
            if SECRET_NAMES.search(name):
                found.add(value)
            elif password := urlsplit(value).password if "://" in value else None:
                found.add(password)
    return found


def secrets_in(files: Iterable[Path], secrets: Iterable[str]) -> set[str]:
    """Return the names of the files in which one of these stands."""
    wanted = [secret.encode() for secret in secrets]
    return {file.name for file in files if any(secret in file.read_bytes() for secret in wanted)}
