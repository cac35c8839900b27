"""The realm a local Keycloak starts with, made from infra/keycloak and this machine's secrets."""

import json
from pathlib import Path

from infra.keycloak.__main__ import write_realm
from infra.keycloak.admin_api import RealmAdmin, readdress_portal
from infra.keycloak.config import RealmSettings, from_environment
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
    rendered = write_realm(_realm_settings(profile, settings), profile.subfolder("realm"))
    themes = REALM_FOLDER / "themes"
    return RealmImport(
        realm_files=(rendered,),
        password_lists=REALM_FOLDER / "password-blacklists",
        themes=themes if themes.is_dir() else None,
    )


def follow_addresses(profile: Profile, settings: ConnectionSettings) -> bool:
    """Tell a running realm where portal and mail server are now; True when it had to change.

    A realm keeps the addresses of its first start; a port that had to give way to another program
    would otherwise end every sign-in. Asks Keycloak only when an address is not as at the last start.
    """
    wanted = _realm_settings(profile, settings)
    now = {"portal": wanted.portal_url, "smtp": f"{wanted.mail.host}:{wanted.mail.port}"}
    known = profile.subfolder("keycloak") / "addresses.json"
    if known.exists() and json.loads(known.read_text()) == now:
        return False
    keycloak = settings.keycloak
    admin = RealmAdmin(keycloak.base_url, keycloak.admin_username, keycloak.admin_password, wanted.realm)
    changed = [readdress_portal(admin, wanted), readdress_mail(admin, wanted)]
    known.write_text(json.dumps(now))
    return any(changed)


def readdress_mail(admin: RealmAdmin, wanted: RealmSettings) -> bool:
    """Give the running realm the mail server of `wanted`, nothing else; True when it had another."""
    running = admin.get("")["smtpServer"]
    changed = {**running, "host": wanted.mail.host, "port": str(wanted.mail.port)}
    if changed == running:
        return False
    admin.put("", {"realm": wanted.realm, "smtpServer": changed})
    return True


def _realm_settings(profile: Profile, settings: ConnectionSettings) -> RealmSettings:
    return from_environment(realm_environment(profile, settings))
