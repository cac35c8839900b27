"""The broker from a shell: `python -m infra.kafka drift` compares it with the topic files.

Reads KAFKA_BOOTSTRAP, KAFKA_ADMIN_USERNAME, KAFKA_ADMIN_PASSWORD and, where they differ from TLS with PLAIN,
KAFKA_SECURITY_PROTOCOL, KAFKA_SASL_MECHANISM and KAFKA_CA_FILE. Ends with 1 when something differs.
"""

import os
import sys
from collections.abc import Mapping

from infra.kafka.broker_admin import BrokerAdmin
from infra.kafka.drift import differences
from infra.kafka.topics import read_topics
from shared.config import Environment, MissingSetting


def administrator(values: Mapping[str, str]) -> dict[str, str]:
    """Return the options of a client that acts as the broker's administrator; raises MissingSetting."""
    env = Environment(values)
    options = {
        "bootstrap_servers": env.text("KAFKA_BOOTSTRAP"),
        "security_protocol": env.text("KAFKA_SECURITY_PROTOCOL", "SASL_SSL"),
        "sasl_mechanism": env.text("KAFKA_SASL_MECHANISM", "PLAIN"),
        "sasl_plain_username": env.text("KAFKA_ADMIN_USERNAME", "admin"),
        "sasl_plain_password": env.text("KAFKA_ADMIN_PASSWORD"),
    }
    authority = env.optional("KAFKA_CA_FILE")
    return options | ({"ssl_cafile": authority} if authority else {})


def main(given: list[str], values: Mapping[str, str]) -> int:
    """Say what differs; 0 when nothing does."""
    if given != ["drift"]:
        sys.stderr.write("usage: python -m infra.kafka drift\n")
        return 64
    try:
        with BrokerAdmin(administrator(values)) as admin:
            found = differences(read_topics(), admin)
    except MissingSetting as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write("\n".join(found or ["Topics and rights are as the topic files say."]) + "\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], os.environ))
