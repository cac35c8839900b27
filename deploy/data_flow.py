"""Draws what flows where and lists where personal data lies, from the model: `python -m deploy.data_flow`.

Processes and what each may reach come from `deploy/processes.yaml`, topics with their publisher and readers from the
topic files, personal data from the tag that every column carries. So the picture cannot say what is not so.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import MetaData, Table

from deploy.processes import Process, processes, services
from infra.kafka.topics import read_topics
from shared import mechanism
from shared.column_tags import Tag

FILE = Path(__file__).resolve().parents[1] / "docs" / "data-flow.md"
HEAD = """\
# What flows where

Written by `python -m deploy.data_flow` from `deploy/processes.yaml`, the topic files and the tags of all columns; a
test says when it is out of date. Arrows show who asks or sends; `relay`, `consumer` and `scheduler` are processes of
their service. People reach the portal and the sign-in over TLS; PostgreSQL and Kafka are spoken to over TLS; nothing
else is open outside."""
REACHES = {
    "OIDC_JWKS_URL": ("keycloak", "signing keys"),
    "PORTAL_CLIENT_SECRET": ("keycloak", "sign-in"),
    "KEYCLOAK_ADMIN_URL": ("keycloak", "accounts, tokens"),
    "S3_ENDPOINT": ("files", "files"),
    "FILE_SCANNER": ("scanner", "files to check"),
    "SES_ENDPOINT": ("mail", "mail"),
}
SHOWN = (Tag.PERSONAL, Tag.PRIVATE, Tag.FREE_TEXT)


def flows() -> list[str]:
    """Return the arrows between parts, each once."""
    found = ["people -->|pages| portal", "people -->|sign-in| keycloak"]
    for process in processes():
        found += _flows_of(process)
    return list(dict.fromkeys(found))


def _flows_of(process: Process) -> Iterator[str]:
    service = process.service
    if any(name.endswith("DATABASE_URL") for name in process.settings):
        yield f"{service} -->|rows| schema_{service}"
    for setting, (part, what) in REACHES.items():
        # Files and mail come as one group of settings: only a scheduler sends mail, only a web process takes files.
        serves = {"files": "web", "mail": "scheduler"}.get(part, process.role)
        if setting in process.settings and serves == process.role:
            yield f"{service} -->|{what}| {part}"
    if process.role == "scheduler" and "S3_ENDPOINT" in process.settings:
        yield f"{service} -->|heads of its audit trails| files"
    for other in services():
        if other != "portal" and f"{other.upper()}_URL" in process.settings:
            yield f"{service} -->|{'asks as the person' if service == 'portal' else 'addresses'}| {other}"


def topics() -> list[str]:
    """Return the arrows of every topic that carries anything."""
    found = []
    for topic in (one for one in read_topics() if one.is_used):
        name = topic.name.replace(".", "_").replace("-", "_")
        found.append(f"{topic.owner} -->|relay| {name}[/{topic.name}/]")
        found += [f"{name} -->|consumer| {reader}" for reader in topic.consumers]
    return found


def tables_of(service: str) -> list[Table]:
    """Return the tables in a service's schema."""
    own: MetaData = importlib.import_module(f"services.{service}.models").metadata
    mechanisms = [] if service == "portal" else mechanism.metadata.sorted_tables
    return [*own.sorted_tables, *mechanisms]


def personal_data() -> list[str]:
    """Return the rows of the table of personal data: service, table, columns by tag."""
    rows = []
    for service in services():
        for table in sorted(tables_of(service), key=lambda one: one.name):
            tagged = {
                tag: [str(column.name) for column in table.columns if column.info.get("tag") is tag] for tag in SHOWN
            }
            if any(tagged.values()):
                cells = " | ".join(", ".join(tagged[tag]) or "–" for tag in SHOWN)
                rows.append(f"| {service} | {table.name} | {cells} |")
    return rows


def render() -> str:
    """Return the whole page."""
    parts = [f"  {name}[{name.replace('_', ' ')}]" for name in services()]
    stores = [f"  schema_{name}[(schema {name})]" for name in services()]
    outside = ["  people((people))", "  keycloak[Keycloak]", "  files[(files, S3)]", "  mail[mail, SES]"]
    outside.append("  scanner[scanner of files]")
    calls = "\n".join(
        ["```mermaid", "flowchart LR", *outside, *parts, *stores, *(f"  {one}" for one in flows()), "```"]
    )
    events = "\n".join(["```mermaid", "flowchart LR", *parts, *(f"  {one}" for one in topics()), "```"])
    unused = [topic.name for topic in read_topics() if not topic.is_used]
    tags = " | ".join(tag.value.replace("_", " ") for tag in SHOWN)
    table = "\n".join([f"| service | table | {tags} |", "|---|---|" + "---|" * len(SHOWN), *personal_data()])
    return "\n\n".join(
        [
            HEAD,
            "## Calls",
            calls,
            "## Events",
            "Events carry ids, states, dates and counts: no names, no addresses, no free text.",
            events,
            f"Agreed on, and not sent by anything yet: {', '.join(unused)}.",
            "## Where personal data lies",
            "Every other column is tagged public or internal.",
            f"{table}\n",
        ]
    )


if __name__ == "__main__":
    FILE.write_text(render())
    sys.stdout.write(f"{FILE.name} is written.\n")
