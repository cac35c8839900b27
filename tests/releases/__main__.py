"""Records a release: `python -m tests.releases 0.2.0`, on the day it is released."""

import json
import sys

from infra.postgres.roles import SERVICES
from infra.servers import Profile, Servers
from shared.schema_version import revisions_of
from shared.testing.databases import fresh_database
from shared.testing.token_mint import open_mint
from tests.releases.recording import RELEASES, as_lines, event_schemas, read_model_of, schema_of
from tests.releases.replaying import replay
from tests.services import service_under_test


def main(version: str) -> None:
    """Write the folder of one release; refuses one that is there."""
    sys.path.insert(0, str(RELEASES.parent / "integration" / "insight"))
    from test_rebuild import story  # type: ignore[import-not-found] # a test's own module, on the path only here

    folder = RELEASES / version
    folder.mkdir()
    servers = Servers(Profile("test"), only=["postgres"]).start()
    schemas = {}
    for service in SERVICES:
        name = fresh_database(servers.postgres, service, "release")
        schemas[service] = schema_of(servers.postgres.superuser_dsn(name), service)
    with open_mint() as mint, service_under_test("insight", servers, mint, "release") as insight:
        records = story(insight)
        replay(insight, records)
        read_model = read_model_of(insight.superuser_url)
    (folder / "events.jsonl").write_text(as_lines(records))
    kept = {
        "schema": schemas,
        "revisions": {service: revisions_of(service).head for service in SERVICES},
        "event_schemas": event_schemas(),
        "read_model": read_model,
    }
    for name, content in kept.items():
        (folder / f"{name}.json").write_text(json.dumps(content, indent=1, sort_keys=True) + "\n")


if __name__ == "__main__":
    main(sys.argv[1])
