"""Typed reading of the environment.

Only `config.py` files read it. A missing required value stops the process at start with the name of the variable;
secrets have no default, so that nothing ever runs on a guessed one.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from shared.contracts.audiences import AUDIENCE_OF


class MissingSetting(Exception):
    """A required environment variable is absent or empty."""


class Mode(StrEnum):
    """Where the process runs; plaintext to PostgreSQL and Kafka is refused in production."""

    DEMO = "demo"
    TEST = "test"
    PRODUCTION = "production"


class Environment:
    """A read-only view of environment variables that knows how to complain."""

    def __init__(self, values: Mapping[str, str]) -> None:
        self._values = values

    def text(self, name: str, default: str | None = None) -> str:
        """Return the variable, or `default`; raises MissingSetting when neither is there."""
        value = self._values.get(name) or default
        if value is None:
            raise MissingSetting(f"The environment variable {name} is not set.")
        return value

    def optional(self, name: str) -> str | None:
        """Return the variable, or None when absent or empty."""
        return self._values.get(name) or None

    def integer(self, name: str, default: int) -> int:
        """Return the variable as a whole number; raises MissingSetting when it is none."""
        value = self.text(name, str(default))
        if not value.isdigit():
            raise MissingSetting(f"The environment variable {name} must be a whole number, not {value!r}.")
        return int(value)


@dataclass(frozen=True, slots=True)
class KafkaConfig:
    """How to reach the broker. Prefixes keep several test runs apart on one broker; they are empty in production."""

    bootstrap: str
    username: str
    password: str
    security_protocol: str
    topic_prefix: str
    group_prefix: str
    session_timeout_ms: int
    cafile: str | None
    group_instance_id: str | None = None
    """A name of this member of its group that survives a restart, where there is one: what it read waits for it until
    the session runs out. None: whoever leaves or joins makes the others share anew at once."""


@dataclass(frozen=True, slots=True)
class OidcConfig:
    """Whose tokens we accept."""

    issuer: str
    jwks_url: str
    audience: str


OUTSIDE = (
    "OIDC_ISSUER", "OIDC_JWKS_URL", "KEYCLOAK_ADMIN_URL",
    "WORK_ISSUER", "WORK_AUTHORIZE_URL", "WORK_TOKEN_URL", "WORK_KEYS_URL",
    "S3_ENDPOINT", "S3_LINK_ENDPOINT", "SES_ENDPOINT", "SQS_ENDPOINT", "BOUNCE_QUEUE_URL",
)  # fmt: skip
"""Addresses of servers that are not ours; between our own pods the platform encrypts (deploy/kubernetes/README.md)."""
WORK_ACCOUNT = "work-account"
"""What our realm calls the outside issuer: a hint when signing in, a claim in tokens, a link of an account."""
PASSKEY_ACTION = "webauthn-register-passwordless"
"""What our realm calls setting up a passkey: asked for at sign-in, by a mail, or from a page."""


@dataclass(frozen=True, slots=True)
class WorkIssuer:
    """The outside issuer at which people sign in with their employer's account; we are one client of it.

    `client_secret` is None in a process that only reads its tokens.
    """

    issuer: str
    client_id: str
    client_secret: str | None
    authorize_url: str
    token_url: str
    keys_url: str


@dataclass(frozen=True, slots=True)
class AwsConfig:
    """Where files and mail go; an endpoint is given only where a stand-in is used."""

    region: str
    access_key: str
    secret_key: str
    s3_endpoint: str | None
    ses_endpoint: str | None
    bucket: str
    mail_from: str
    link_endpoint: str | None = None
    """Where browsers reach the files, when that is another address than the processes use."""
    sqs_endpoint: str | None = None
    """The queue to which the mail service writes what came back; like the others None for the real service."""


@dataclass(frozen=True, slots=True)
class RateLimits:
    """Requests a minute that one person and one address may make (0: any number), and how we learn the address."""

    per_person: int = 0
    per_address: int = 0
    trusted_proxies: int = 0
    """How many proxies of ours stand before this process: only what they wrote about the address is believed."""


@dataclass(frozen=True, slots=True)
class ServiceConfig:
    """Everything a process of a service needs, read once at start."""

    service: str
    role: str
    mode: Mode
    database_url: str
    pool_size: int
    kafka: KafkaConfig | None
    oidc: OidcConfig | None
    aws: AwsConfig | None
    log_level: str
    portal_url: str
    drain_file: str | None
    """While this file exists the process takes no new work: readiness answers 503 before the listener closes."""
    rate_limits: RateLimits = field(default=RateLimits(), kw_only=True)
    crash_folder: str | None = field(default=None, kw_only=True)
    """Where fault tests say at which place the process dies (shared/crashpoints.py); never outside tests."""
    writes_logs: bool = field(default=False, kw_only=True)
    """Whether this is a process of its own, whose lines go to standard output; an application inside a test is not."""


def audience_of(service: str) -> str:
    """Return the token audience that a service answers to; the portal answers to none."""
    return AUDIENCE_OF.get(service, service)


def service_config(service: str, role: str, values: Mapping[str, str]) -> ServiceConfig:
    """Read the settings of one process (`web`, `relay`, `consumer`, `scheduler`, `migrate`) of one service.

    Raises MissingSetting naming the first variable that is absent or wrong.
    """
    env = Environment(values)
    mode = Mode(env.text("MODE"))
    if mode is Mode.PRODUCTION:
        _check_encrypted(env)
    return ServiceConfig(
        service=service,
        role=role,
        mode=mode,
        database_url=_database_url(env, role, mode),
        pool_size=env.integer("POOL_SIZE", 8 if role == "web" else 2),
        kafka=_kafka(env, mode) if role in {"relay", "consumer"} else None,
        oidc=_oidc(env, service) if role == "web" else None,
        aws=_aws(env) if env.optional("AWS_ACCESS_KEY_ID") else None,
        log_level=env.text("LOG_LEVEL", "INFO"),
        portal_url=env.text("PORTAL_URL", "http://localhost:8000"),
        drain_file=env.optional("DRAIN_FILE"),
        rate_limits=_rate_limits(env),
        crash_folder=env.optional("CRASHPOINT") if mode is Mode.TEST else None,
        writes_logs=True,
    )


def _check_encrypted(env: Environment) -> None:
    """Refuse an address outside our own network that names no encryption, and pages that people would open without.

    Keys of tokens fetched in clear would be whoever's who sits in between; a page without TLS has no secure cookies.
    """
    env.text("PORTAL_URL")  # has a default elsewhere, over http
    for name in ("PORTAL_URL", *OUTSIDE):
        address = env.optional(name)
        if address and not address.startswith("https://"):
            raise MissingSetting(f"In production {name} must begin with https://.")


def _rate_limits(env: Environment) -> RateLimits:
    return RateLimits(
        per_person=env.integer("REQUESTS_PER_PERSON", 600),
        per_address=env.integer("REQUESTS_PER_ADDRESS", 3_000),
        trusted_proxies=env.integer("TRUSTED_PROXIES", 0),
    )


def work_issuer(values: Mapping[str, str]) -> WorkIssuer | None:
    """Read the outside issuer of work accounts; None where there is none.

    The three addresses default to those of a Keycloak realm; other issuers have other ones.
    """
    env = Environment(values)
    issuer = (env.optional("WORK_ISSUER") or "").rstrip("/")
    if not issuer:
        return None
    endpoint = f"{issuer}/protocol/openid-connect"
    return WorkIssuer(
        issuer=issuer,
        client_id=env.text("WORK_CLIENT_ID"),
        client_secret=env.optional("WORK_CLIENT_SECRET"),
        authorize_url=env.text("WORK_AUTHORIZE_URL", f"{endpoint}/auth"),
        token_url=env.text("WORK_TOKEN_URL", f"{endpoint}/token"),
        keys_url=env.text("WORK_KEYS_URL", f"{endpoint}/certs"),
    )


def _database_url(env: Environment, role: str, mode: Mode) -> str:
    names = {"relay": "RELAY_DATABASE_URL", "migrate": "MIGRATE_DATABASE_URL"}
    url = env.text(names.get(role, "DATABASE_URL"))
    if mode is Mode.PRODUCTION and "sslmode=verify-full" not in url:
        raise MissingSetting("In production a database address must say sslmode=verify-full.")
    return url


def _kafka(env: Environment, mode: Mode) -> KafkaConfig:
    protocol = env.text("KAFKA_SECURITY_PROTOCOL", "SASL_SSL")
    if mode is Mode.PRODUCTION and protocol != "SASL_SSL":
        raise MissingSetting("In production KAFKA_SECURITY_PROTOCOL must be SASL_SSL.")
    return KafkaConfig(
        bootstrap=env.text("KAFKA_BOOTSTRAP"),
        username=env.text("KAFKA_USERNAME"),
        password=env.text("KAFKA_PASSWORD"),
        security_protocol=protocol,
        topic_prefix=env.optional("KAFKA_TOPIC_PREFIX") or "",
        group_prefix=env.optional("KAFKA_GROUP_PREFIX") or "",
        session_timeout_ms=env.integer("KAFKA_SESSION_TIMEOUT_MS", 45_000),
        cafile=env.optional("KAFKA_CA_FILE"),
        group_instance_id=env.optional("KAFKA_GROUP_INSTANCE_ID"),
    )


def _oidc(env: Environment, service: str) -> OidcConfig:
    issuer = env.text("OIDC_ISSUER")
    return OidcConfig(
        issuer=issuer,
        jwks_url=env.text("OIDC_JWKS_URL", f"{issuer}/protocol/openid-connect/certs"),
        audience=audience_of(service),
    )


def aws_config(values: Mapping[str, str]) -> AwsConfig:
    """Read how this process signs in at the stores of files and mail."""
    return _aws(Environment(values))


def _aws(env: Environment) -> AwsConfig:
    return AwsConfig(
        region=env.text("AWS_REGION", "eu-west-2"),
        access_key=env.text("AWS_ACCESS_KEY_ID"),
        secret_key=env.text("AWS_SECRET_ACCESS_KEY"),
        s3_endpoint=env.optional("S3_ENDPOINT"),
        ses_endpoint=env.optional("SES_ENDPOINT"),
        bucket=env.text("S3_BUCKET", "impact-files"),
        mail_from=env.text("MAIL_FROM", "no-reply@impact.example"),
        link_endpoint=env.optional("S3_LINK_ENDPOINT"),
        sqs_endpoint=env.optional("SQS_ENDPOINT"),
    )
