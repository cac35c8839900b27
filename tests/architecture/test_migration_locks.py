"""No migration locks a table in use for long, or takes away what the release before it still reads (F24).

squawk reads the statements of each migration as PostgreSQL gets them. A table made in the same migration is nobody's
yet and may be treated in any way. For a table in use:

- an index: `shared.migrations.index_while_people_work`, in a migration of its own (it only waits for others, nobody
  waits for it, and a run that was cut off can be repeated);
- a constraint: `not valid` first, `validate constraint` in a migration after it;
- a column: nullable or with a default that is a constant; `not null` through a checked constraint in a later release;
- another type, another name, a column or table less: a new column beside the old one, and the old one goes in the
  release after the one that no longer reads it. That migration is then excepted below, with its reason.
"""

import json
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

import pytest

from infra.servers import ConnectionSettings
from tests.architecture.migration_sql import sent_by_migrations
from tests.architecture.source_tree import SERVICES

SQUAWK = [str(Path(sys.executable).parent / "squawk"), "--pg-version", "17.0", "--assume-in-transaction"]
HARMFUL = {
    "adding-field-with-default": "alter table a add column b timestamptz default clock_timestamp()",
    "adding-foreign-key-constraint": "alter table a add constraint c foreign key (b) references d (e)",
    "adding-not-nullable-field": "alter table a alter column b set not null",
    "adding-required-field": "alter table a add column b text not null",
    "adding-serial-primary-key-field": "alter table a add primary key (b)",
    "ban-concurrent-index-creation-in-transaction": (
        "alter table a add column b text; create index concurrently c on a (b)"
    ),
    "ban-drop-column": "alter table a drop column b",
    "ban-drop-table": "drop table a",
    "changing-column-type": "alter table a alter column b type bigint",
    "constraint-missing-not-valid": "alter table a add constraint c check (b > 0)",
    "disallowed-unique-constraint": "alter table a add constraint c unique (b)",
    "renaming-column": "alter table a rename column b to c",
    "renaming-table": "alter table a rename to b",
    "require-concurrent-index-creation": "create index c on a (b)",
}
"""The rules that matter here, each with a statement that it must find. squawk's others are matters of style, or held to
elsewhere: the runner sets the lock's time-out, and every migration runs in one transaction."""
OUTSIDE_ANY_TRANSACTION = "drop index concurrently"
"""PostgreSQL refuses it inside one, so it shows that what comes after it is in none either; squawk takes it for one."""
NOBODY_YET = "no installation existed before it, so the table was in nobody's use"
EXCEPTED = {
    (service, revision, "require-concurrent-index-creation"): NOBODY_YET
    for service, revision in {
        "action_plan": "0006",
        "assessment": "0012",
        "competency_framework": "0005",
        "directory": "0007",
        "insight": "0006",
        "notification": "0005",
    }.items()
} | {("assessment", "0005", "adding-foreign-key-constraint"): f"a column that was empty everywhere; {NOBODY_YET}"}


def squawk(folder: Path) -> dict[str, set[str]]:
    """Return the harmful rules that each file of a folder breaks, by the file's name."""
    files = sorted(str(path) for path in folder.glob("*.sql"))
    run = subprocess.run([*SQUAWK, "--reporter", "json", *files], capture_output=True, text=True, check=False)
    assert run.returncode in (0, 1), run.stderr
    found: dict[str, set[str]] = defaultdict(set)
    for finding in json.loads(run.stdout):
        assert finding["rule_name"] != "syntax-error", finding
        if finding["rule_name"] in HARMFUL:
            found[Path(finding["file"]).stem].add(finding["rule_name"])
    return found


def test_the_tool_finds_each_harm(tmp_path: Path) -> None:
    for rule, statement in HARMFUL.items():
        (tmp_path / f"{rule}.sql").write_text(f"{statement};\n")

    found = squawk(tmp_path)

    assert {rule for rule in HARMFUL if rule not in found[rule]} == set()


@pytest.mark.parametrize("service", SERVICES)
def test_no_migration_locks_for_long_or_breaks_the_release_before(
    servers: ConnectionSettings, worker: str, tmp_path: Path, service: str
) -> None:
    for revision, statements in sent_by_migrations(servers.postgres, service, worker).items():
        kept = [statement for statement in statements if not statement.startswith(OUTSIDE_ANY_TRANSACTION)]
        (tmp_path / f"{revision}.sql").write_text(";\n".join([*kept, ""]))

    found = {(service, revision, rule) for revision, rules in squawk(tmp_path).items() for rule in rules}

    assert len(list(tmp_path.glob("*.sql"))) > 1
    assert found - EXCEPTED.keys() == set()
    assert {each for each in EXCEPTED if each[0] == service} - found == set(), "excepted, but no longer needed"
