"""What a rendered realm depends on, and the only place here that reads the environment."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from infra.keycloak.signing_key import SigningKey
from shared.config import Environment, MissingSetting, Mode, WorkIssuer, work_issuer

SHORTEST_SECRET = 16
SESSION_SECONDS = 43_200
STEP_UP_SECONDS = 540
"""How long a second factor counts for a repeated sign-in. A minute less than the 600 s that services accept, so that a
person who has just been let through is not asked again by the service."""


@dataclass(frozen=True, slots=True)
class MailServer:
    """The SMTP server that invitations and password links leave by."""

    host: str
    port: int
    sender: str
    username: str | None = None
    password: str | None = None
    starttls: bool = False


@dataclass(frozen=True, slots=True)
class RealmSettings:
    """Everything that differs between one rendered realm and another.

    Raises MissingSetting for a secret that is absent, short, or a placeholder: Keycloak would take the words
    `${PORTAL_CLIENT_SECRET}` themselves as the secret.
    """

    mode: Mode
    portal_url: str
    passkey_domain: str
    portal_secret: str
    provisioner_secret: str
    notification_sender_secret: str
    mail: MailServer
    portal_backchannel_url: str | None = None
    demo_secret: str | None = None
    signing_key: SigningKey | None = None
    realm: str = "impact"
    step_up_seconds: int = STEP_UP_SECONDS
    work: WorkIssuer | None = None

    def __post_init__(self) -> None:
        for name in ("portal_secret", "provisioner_secret", "notification_sender_secret"):
            _check_secret(name, getattr(self, name))
        if self.work is not None:
            _check_secret("work_client_secret", self.work.client_secret)
        if self.mode is Mode.PRODUCTION:
            self._check_production()
        else:
            _check_secret("demo_secret", self.demo_secret)

    def _check_production(self) -> None:
        if self.demo_secret is not None or self.signing_key is not None:
            raise MissingSetting("A production realm takes neither demonstration people nor a known signing key.")
        if urlsplit(self.portal_url).scheme != "https":
            raise MissingSetting("In production the portal's address must begin with https.")
        if not self.mail.starttls:
            raise MissingSetting("In production mail must leave by STARTTLS.")


def _check_secret(name: str, value: str | None) -> None:
    if not value:
        raise MissingSetting(f"The setting {name} is not set.")
    if "${" in value or len(value) < SHORTEST_SECRET:
        raise MissingSetting(f"The setting {name} must be a secret of at least {SHORTEST_SECRET} characters.")


def from_environment(values: Mapping[str, str]) -> RealmSettings:
    """Read the settings; raises MissingSetting naming the first variable that is absent or wrong."""
    env = Environment(values)
    mode = Mode(env.text("MODE"))
    key_folder = env.optional("REALM_SIGNING_KEY_FOLDER")
    portal_url = env.text("PORTAL_URL").rstrip("/")
    return RealmSettings(
        mode=mode,
        portal_url=portal_url,
        # The host name of the sign-in pages. Not to be guessed from the portal's: they may have names of their own.
        passkey_domain=env.text("PASSKEY_DOMAIN"),
        portal_secret=env.text("PORTAL_CLIENT_SECRET"),
        provisioner_secret=env.text("PROVISIONER_CLIENT_SECRET"),
        notification_sender_secret=env.text("NOTIFICATION_SENDER_CLIENT_SECRET"),
        mail=_mail_server(env, mode),
        portal_backchannel_url=env.optional("PORTAL_BACKCHANNEL_URL"),
        demo_secret=env.optional("DEMO_SECRET"),
        signing_key=SigningKey.kept_in(Path(key_folder)) if key_folder else None,
        realm=env.text("KEYCLOAK_REALM", "impact"),
        work=work_issuer(values),
    )


def server_administrator(values: Mapping[str, str]) -> tuple[str, str]:
    """Return name and password of Keycloak's own administrator; raises MissingSetting."""
    env = Environment(values)
    return env.text("KEYCLOAK_ADMIN_USERNAME"), env.text("KEYCLOAK_ADMIN_PASSWORD")


def _mail_server(env: Environment, mode: Mode) -> MailServer:
    return MailServer(
        host=env.text("SMTP_HOST"),
        port=env.integer("SMTP_PORT", 587),
        sender=env.text("MAIL_FROM"),
        username=env.optional("SMTP_USERNAME"),
        password=env.optional("SMTP_PASSWORD"),
        starttls=mode is Mode.PRODUCTION,
    )
