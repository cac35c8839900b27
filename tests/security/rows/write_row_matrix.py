"""`python -m tests.security.rows.write_row_matrix` writes the matrix as the database has it; read the difference."""

from typing import Any

import yaml

from infra.servers import Profile, Servers
from tests.architecture.source_tree import SERVICES
from tests.security.rows.test_row_matrix import (
    EVERYWHERE,
    MATRIX,
    matrix_of_mechanisms,
    matrix_of_service,
    superuser_url_of,
)

HEADER = """# Who gets at a row: for each table, and each command of each database role on it, who gets through.
# tests/security/rows/principals.py says who they are and planting.py whose the row is; "give away" is setting one of
# the columns that say whose it is. tests/security/rows/test_row_matrix.py holds every database to this list; change it
# only together with a policy, and read the difference as a reviewer would.
"""


class _Lines(yaml.SafeDumper):
    """Writes a list of askers on one line."""


def _list_on_one_line(dumper: yaml.SafeDumper, value: list[Any]) -> yaml.Node:
    return dumper.represent_sequence("tag:yaml.org,2002:seq", value, flow_style=True)


_Lines.add_representer(list, _list_on_one_line)


def main() -> None:
    """Write tests/security/rows/row_matrix.yaml."""
    servers = Servers(Profile("test"), only=["postgres"]).start()
    databases = {service: superuser_url_of(servers, service, "matrix") for service in SERVICES}
    matrix = {EVERYWHERE: matrix_of_mechanisms(databases["notification"], "notification")}
    for service in SERVICES:
        matrix[service] = matrix_of_service(databases[service], service)
    MATRIX.write_text(HEADER + yaml.dump(matrix, Dumper=_Lines, sort_keys=False, width=120))


if __name__ == "__main__":
    main()
