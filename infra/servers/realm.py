"""The realm a local Keycloak starts with, made from infra/keycloak and this machine's secrets."""

from pathlib import Path

from infra.keycloak.__main__ import write_realm
from infra.keycloak.config import from_environment
from infra.servers.keycloak_server import RealmImport
from infra.servers.profile import Profile
from infra.servers.settings import ConnectionSettings

REALM_FOLDER = Path(__file__).resolve().parents[1] / "keycloak"


def realm_environment(profile: Profile, settings: ConnectionSettings) -> dict[str, str]:
    """What `python -m infra.keycloak` needs to know for this profile (also `make code` does)."""
    values = {
        "MODE": "test" if profile.name.startswith("test") else "demo",
        "PORTAL_URL": f"http://localhost:{profile.port('portal')}",
        "PORTAL_CLIENT_SECRET": profile.password("client:portal"),
        "PROVISIONER_CLIENT_SECRET": profile.password("client:directory-provisioner"),
        "NOTIFICATION_SENDER_CLIENT_SECRET": profile.password("client:notification-sender"),
        "DEMO_SECRET": profile.password("demo people"),
        "SMTP_HOST": settings.smtp.host,
        "SMTP_PORT": str(settings.smtp.port),
        "MAIL_FROM": settings.ses.sender,
    }
    if values["MODE"] == "test":
        values["REALM_SIGNING_KEY_FOLDER"] = str(profile.subfolder("realm-signing-key"))
    return values


def realm_import(profile: Profile, settings: ConnectionSettings) -> RealmImport:
    """Render the realm into the profile's folder."""
    rendered = write_realm(from_environment(realm_environment(profile, settings)), profile.subfolder("realm"))
    themes = REALM_FOLDER / "themes"
    return RealmImport(
        realm_files=(rendered,),
        password_lists=REALM_FOLDER / "password-blacklists",
        themes=themes if themes.is_dir() else None,
    )
