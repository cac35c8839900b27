"""The connection settings of a profile, from its kept ports and passwords."""

from infra.postgres.roles import SERVICES, SUPERUSER, login_roles
from infra.servers.profile import Profile
from infra.servers.settings import (
    HOST,
    ConnectionSettings,
    KafkaSettings,
    KeycloakSettings,
    PostgresSettings,
    S3Settings,
    SesSettings,
    SmtpSettings,
)

DATABASE = "impact"
BUCKET = "impact"
SENDER = "no-reply@improve-together.example"


def connection_settings(profile: Profile | str, database: str = DATABASE) -> ConnectionSettings:
    """How to reach this profile's servers, whether or not they run just now."""
    kept = profile if isinstance(profile, Profile) else Profile(profile)
    return ConnectionSettings(
        profile=kept.name,
        postgres=PostgresSettings(
            port=kept.port("postgres"),
            database=database,
            passwords={role: kept.password(f"postgres:{role}") for role in (SUPERUSER, *login_roles())},
        ),
        kafka=KafkaSettings(
            bootstrap=f"{HOST}:{kept.port('kafka')}",
            passwords={user: kept.password(f"kafka:{user}") for user in ("admin", *SERVICES)},
        ),
        keycloak=KeycloakSettings(
            base_url=f"http://localhost:{kept.port('keycloak')}",
            management_url=f"http://{HOST}:{kept.port('keycloak-management')}",
            admin_username="admin",
            admin_password=kept.password("keycloak:admin"),
        ),
        s3=S3Settings(
            endpoint=f"http://{HOST}:{kept.port('s3')}",
            access_key="impact-local",
            secret_key=kept.password("s3"),
            bucket=BUCKET,
        ),
        ses=SesSettings(
            endpoint=f"http://{HOST}:{kept.port('ses')}",
            sender=SENDER,
            access_key="impact-local",
            secret_key=kept.password("ses"),
            folder=kept.subfolder("mail", "ses"),
        ),
        smtp=SmtpSettings(port=kept.port("smtp"), folder=kept.subfolder("mail", "smtp")),
    )
