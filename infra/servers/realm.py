"""The realm a local Keycloak starts with, made from infra/keycloak and this machine's secrets."""

import json
from pathlib import Path
from urllib.parse import urlsplit

from infra.keycloak.__main__ import write_realms
from infra.keycloak.admin_api import RealmAdmin, readdress_portal
from infra.keycloak.config import RealmSettings, from_environment
from infra.keycloak.work_accounts import broker
from infra.keycloak.work_realm import client, name_of
from infra.servers.keycloak_server import RealmImport
from infra.servers.profile import Profile
from infra.servers.settings import WORK_CLIENT, ConnectionSettings
from shared.config import WORK_ACCOUNT, WorkIssuer

REALM_FOLDER = Path(__file__).resolve().parents[1] / "keycloak"


def realm_environment(profile: Profile, settings: ConnectionSettings) -> dict[str, str]:
    """What `python -m infra.keycloak` needs to know for this profile (also `make code` does)."""
    values = {
        "MODE": "test" if profile.name.startswith("test") else "demo",
        "PORTAL_URL": f"http://localhost:{profile.port('portal')}",
        "PASSKEY_DOMAIN": str(urlsplit(settings.keycloak.base_url).hostname),
        "PORTAL_CLIENT_SECRET": profile.password("client:portal"),
        "PROVISIONER_CLIENT_SECRET": profile.password("client:directory-provisioner"),
        "NOTIFICATION_SENDER_CLIENT_SECRET": profile.password("client:notification-sender"),
        "DEMO_SECRET": profile.password("demo people"),
        "SMTP_HOST": settings.smtp.host,
        "SMTP_PORT": str(settings.smtp.port),
        "MAIL_FROM": settings.ses.sender,
        "WORK_ISSUER": f"{settings.keycloak.base_url}/realms/work",
        "WORK_CLIENT_ID": WORK_CLIENT,
        "WORK_CLIENT_SECRET": profile.password(f"client:{WORK_CLIENT}"),
    }
    if values["MODE"] == "test":
        values["REALM_SIGNING_KEY_FOLDER"] = str(profile.subfolder("realm-signing-key"))
    return values


def realm_import(profile: Profile, settings: ConnectionSettings) -> RealmImport:
    """Render the realm into the profile's folder."""
    rendered = write_realms(_realm_settings(profile, settings), profile.subfolder("realm"))
    themes = REALM_FOLDER / "themes"
    return RealmImport(
        realm_files=tuple(rendered),
        password_lists=REALM_FOLDER / "password-blacklists",
        themes=themes if themes.is_dir() else None,
    )


def follow_addresses(profile: Profile, settings: ConnectionSettings) -> bool:
    """Tell a running realm where portal and mail server are now; True when it had to change.

    A realm keeps the addresses of its first start; a port that had to give way to another program
    would otherwise end every sign-in. Asks Keycloak only when an address is not as at the last start.
    """
    wanted = _realm_settings(profile, settings)
    now = {
        "portal": wanted.portal_url,
        "smtp": f"{wanted.mail.host}:{wanted.mail.port}",
        "work": wanted.work.issuer if wanted.work else "",
    }
    known = profile.subfolder("keycloak") / "addresses.json"
    if known.exists() and json.loads(known.read_text()) == now:
        return False
    keycloak = settings.keycloak
    admin = RealmAdmin(keycloak.base_url, keycloak.admin_username, keycloak.admin_password, wanted.realm)
    changed = [readdress_portal(admin, wanted), readdress_mail(admin, wanted)]
    if wanted.work is not None and _knows_work_accounts(admin):
        work = RealmAdmin(keycloak.base_url, keycloak.admin_username, keycloak.admin_password, name_of(wanted.work))
        changed += [readdress_work_account(admin, wanted), readdress_work_client(work, wanted, wanted.work)]
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


def _knows_work_accounts(admin: RealmAdmin) -> bool:
    """Tell whether the running realm has the issuer: one that was first started before there was one has not."""
    return any(broker["alias"] == WORK_ACCOUNT for broker in admin.get("/identity-provider/instances"))


def readdress_work_account(admin: RealmAdmin, wanted: RealmSettings) -> bool:
    """Give the running realm the addresses of the issuer of work accounts; True when it had others."""
    path = f"/identity-provider/instances/{WORK_ACCOUNT}"
    running, (rendered,) = admin.get(path), broker(wanted)["identityProviders"]
    # The secret is shown as stars; written back as they are, Keycloak keeps it.
    addresses = {key: value for key, value in rendered["config"].items() if key.endswith(("Url", "issuer"))}
    changed = {**running, "config": {**running["config"], **addresses}}
    if changed == running:
        return False
    admin.put(path, changed)
    return True


def readdress_work_client(admin: RealmAdmin, wanted: RealmSettings, work: WorkIssuer) -> bool:
    """Tell the realm that plays the issuer where it may send people back to; True when it had other addresses."""
    running = admin.client(work.client_id)
    changed = {**running, "redirectUris": client(wanted, work)["redirectUris"]}
    if sorted(changed["redirectUris"]) == sorted(running["redirectUris"]):
        return False
    admin.put(f"/clients/{running['id']}", changed)
    return True


def _realm_settings(profile: Profile, settings: ConnectionSettings) -> RealmSettings:
    return from_environment(realm_environment(profile, settings))
