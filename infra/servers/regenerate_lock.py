"""Write artifacts.lock anew: `python -m infra.servers.regenerate_lock`.

For whoever raises a version; needs Maven, which the product itself does not. Maven resolves Kafka's
dependencies (no other resolver chose the right ones); each file is then fetched and its SHA-256
written down. Look at the difference before committing it.
"""

import json
import re
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

from infra.servers.artifacts import LOCK_FILE, ArtifactStore, parse_artifact

KAFKA = (
    "org.apache.kafka:kafka_2.13:4.3.1",
    "org.apache.kafka:kafka-tools:4.3.1",
    "org.apache.logging.log4j:log4j-core:2.25.2",
    # Not log4j-slf4j2-impl: this Kafka brings SLF4J 1.7, with which the newer binding logs nothing.
    "org.apache.logging.log4j:log4j-slf4j-impl:2.25.2",
)
KEYCLOAK = ("org.keycloak:keycloak-quarkus-dist:26.7.4:tar.gz",)
S3 = (
    "org.gaul:s3proxy:4.1.0:jar",
    # The dependency tree resolves 2.18.3, which lacks a class that jackson-databind 3 loads.
    "com.fasterxml.jackson.core:jackson-annotations:2.21:jar",
    "tools.jackson.core:jackson-core:3.2.2:jar",
    "tools.jackson.core:jackson-databind:3.2.2:jar",
    "tools.jackson.dataformat:jackson-dataformat-xml:3.2.2:jar",
    "com.fasterxml.woodstox:woodstox-core:7.0.0:jar",
    "org.codehaus.woodstox:stax2-api:4.2.2:jar",
    "com.google.guava:guava:33.7.1-jre:jar",
    "args4j:args4j:2.37:jar",
    "jakarta.servlet:jakarta.servlet-api:6.0.0:jar",
    "org.slf4j:slf4j-api:2.0.18:jar",
    "ch.qos.logback:logback-classic:1.6.3:jar",
    "ch.qos.logback:logback-core:1.6.3:jar",
    "software.amazon.awssdk:s3:2.54.2:jar",
    "software.amazon.awssdk:sdk-core:2.54.2:jar",
    "software.amazon.awssdk:aws-core:2.54.2:jar",
    "software.amazon.awssdk:utils:2.54.2:jar",
    "software.amazon.awssdk:checksums:2.54.2:jar",
    "software.amazon.awssdk:checksums-spi:2.54.2:jar",
    "software.amazon.awssdk:http-client-spi:2.54.2:jar",
)
_LIST_PLUGIN = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:list"
_RESOLVED = re.compile(r"^\s+([\w.\-]+):([\w.\-]+):jar:([\w.\-]+):(?:compile|runtime)")


def runtime_coordinates(roots: Sequence[str]) -> list[str]:
    """Everything these artifacts need at run time, as Maven resolves it."""
    with tempfile.TemporaryDirectory() as folder:
        project, listing = Path(folder) / "pom.xml", Path(folder) / "list.txt"
        project.write_text(_project(roots))
        subprocess.run(
            ["mvn", "-B", "-q", _LIST_PLUGIN, "-DincludeScope=runtime", f"-DoutputFile={listing}"],
            cwd=folder,
            check=True,
        )
        found = (_RESOLVED.match(line) for line in listing.read_text().splitlines())
        return sorted(f"{m[1]}:{m[2]}:{m[3]}:jar" for m in found if m)


def _project(roots: Sequence[str]) -> str:
    dependency = "<dependency><groupId>{}</groupId><artifactId>{}</artifactId><version>{}</version></dependency>"
    dependencies = "".join(dependency.format(*root.split(":")) for root in roots)
    return (
        "<project><modelVersion>4.0.0</modelVersion><groupId>local</groupId><artifactId>servers</artifactId>"
        f"<version>1</version><packaging>pom</packaging><dependencies>{dependencies}</dependencies></project>"
    )


def locked(coordinates: Sequence[str]) -> dict[str, str]:
    """Each coordinate with the SHA-256 of the file as fetched now."""
    artifacts = [parse_artifact(coordinate, "") for coordinate in coordinates]
    with tempfile.TemporaryDirectory() as folder:
        digests = ArtifactStore(Path(folder)).fetch_unverified(artifacts)
    return dict(zip(coordinates, digests, strict=True))


def main() -> None:
    """Write the lock."""
    lock = {"kafka": runtime_coordinates(KAFKA), "s3": S3, "keycloak": KEYCLOAK}
    text = json.dumps({server: locked(list(names)) for server, names in lock.items()}, indent=1)
    LOCK_FILE.write_text(text + "\n")


if __name__ == "__main__":
    main()
