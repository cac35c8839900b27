"""How to reach the servers of one profile: addresses, users, passwords. Nothing here starts anything."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from infra.postgres.connection import PostgresSettings

WORK_CLIENT = "improve-together"
"""What the realm that plays a trust's own identity provider calls us."""
HOST = "127.0.0.1"
__all__ = [
    "ConnectionSettings",
    "KafkaSettings",
    "KeycloakSettings",
    "PostgresSettings",
    "S3Settings",
    "SesSettings",
    "SmtpSettings",
]


@dataclass(frozen=True, slots=True)
class KafkaSettings:
    """Address and the SCRAM-SHA-512 passwords of `admin` and of one user a service."""

    bootstrap: str
    passwords: Mapping[str, str] = field(repr=False)

    def client_options(self, user: str) -> dict[str, str]:
        """Keyword arguments for any kafka-python client acting as this user."""
        return {
            "bootstrap_servers": self.bootstrap,
            "security_protocol": "SASL_PLAINTEXT",
            "sasl_mechanism": "SCRAM-SHA-512",
            "sasl_plain_username": user,
            "sasl_plain_password": self.passwords[user],
        }


@dataclass(frozen=True, slots=True)
class KeycloakSettings:
    """`base_url` uses the name localhost, because passkeys are bound to a name."""

    base_url: str
    management_url: str
    admin_username: str
    admin_password: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class S3Settings:
    """Path-style addressing; the bucket exists from the start."""

    endpoint: str
    access_key: str
    secret_key: str = field(repr=False)
    bucket: str
    region: str = "eu-west-2"


@dataclass(frozen=True, slots=True)
class SesSettings:
    """The sender is a verified identity from the start; sent mails lie as files in `folder`."""

    endpoint: str
    sender: str
    access_key: str
    secret_key: str = field(repr=False)
    folder: Path
    region: str = "eu-west-2"


@dataclass(frozen=True, slots=True)
class SmtpSettings:
    """A sink that delivers nowhere: each mail becomes one .eml file in `folder`."""

    port: int
    folder: Path
    host: str = HOST


@dataclass(frozen=True, slots=True)
class ConnectionSettings:
    """Everything the runner, the demo and the tests need to reach one profile's servers."""

    profile: str
    postgres: PostgresSettings
    kafka: KafkaSettings
    keycloak: KeycloakSettings
    s3: S3Settings
    ses: SesSettings
    smtp: SmtpSettings
