"""What is rendered, before any server sees it."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from infra.keycloak.__main__ import write_realms
from infra.keycloak.config import from_environment
from infra.keycloak.demo_people import load
from infra.keycloak.realm import DENYLIST, render
from infra.keycloak.signing_key import SigningKey
from shared.config import MissingSetting
from shared.contracts.roles import kind_for_roles, role_register

SECRETS = ("PORTAL_CLIENT_SECRET", "PROVISIONER_CLIENT_SECRET", "NOTIFICATION_SENDER_CLIENT_SECRET")


def production(**changes: str) -> dict[str, str]:
    secrets = {name: f"{name.lower()}-made-for-one-test" for name in SECRETS}
    settings = {"MODE": "production", "PORTAL_URL": "https://portal.example", "SMTP_HOST": "mail.example"}
    settings["PASSKEY_DOMAIN"] = "sign-in.example"
    return {**settings, **secrets, "MAIL_FROM": "no-reply@impact.example", **changes}


@pytest.mark.parametrize("name", SECRETS)
@pytest.mark.parametrize("value", ["", "${PORTAL_CLIENT_SECRET}", "short"])
def test_a_secret_that_is_unset_or_a_placeholder_refuses(name: str, value: str) -> None:
    with pytest.raises(MissingSetting):
        from_environment(production(**{name: value}))


def test_a_demonstration_without_its_secret_refuses() -> None:
    with pytest.raises(MissingSetting, match="demo_secret"):
        from_environment(production(MODE="demo"))


@pytest.mark.parametrize(
    "change",
    [
        {"DEMO_SECRET": "a-secret-of-the-demonstration"},
        {"PORTAL_URL": "http://portal.example"},
        {"PASSKEY_DOMAIN": ""},
    ],
)
def test_production_refuses_demonstration_people_plain_http_and_a_guessed_domain(
    change: dict[str, str],
) -> None:
    with pytest.raises(MissingSetting):
        from_environment(production(**change))


def test_production_refuses_a_known_signing_key(tmp_path: Path) -> None:
    with pytest.raises(MissingSetting):
        from_environment(production(REALM_SIGNING_KEY_FOLDER=str(tmp_path)))


def test_production_has_nobody_in_it_and_no_relaxed_rule() -> None:
    realm = render(from_environment(production()))

    assert [user["username"] for user in realm["users"] if "serviceAccountClientId" not in user] == []
    assert realm["organizations"] == []
    assert realm["sslRequired"] == "all"
    assert not realm["otpPolicyCodeReusable"]
    assert "hashIterations" not in realm["passwordPolicy"]
    assert "org.keycloak.keys.KeyProvider" not in realm["components"]


@pytest.mark.parametrize("mode", ["production", "demo"])
def test_the_host_of_the_sign_in_pages_is_not_guessed(mode: str) -> None:
    secret = {"DEMO_SECRET": "a-secret-of-the-demonstration"} if mode == "demo" else {}

    with pytest.raises(MissingSetting, match="PASSKEY_DOMAIN"):
        from_environment(production(MODE=mode, PASSKEY_DOMAIN="", **secret))


def test_a_passkey_belongs_to_the_sign_in_pages_and_checks_who_holds_it() -> None:
    realm = render(from_environment(production()))

    assert realm["webAuthnPolicyPasswordlessRpId"] == "sign-in.example"
    assert realm["webAuthnPolicyPasswordlessUserVerificationRequirement"] == "required"
    assert realm["webAuthnPolicyPasswordlessRequireResidentKey"] == "Yes"
    assert realm["webAuthnPolicyPasswordlessPasskeysEnabled"] is True


def test_only_a_passkey_stands_in_for_the_second_factor() -> None:
    realm = render(from_environment(production()))

    flows = {flow["alias"]: flow["authenticationExecutions"] for flow in realm["authenticationFlows"]}
    configs = {config["alias"]: config["config"] for config in realm["authenticatorConfig"]}
    ways = [step.get("authenticator") or step["flowAlias"] for step in flows["impact second factor"]]
    assert ways == ["impact passkey given", "webauthn-authenticator-passwordless", "auth-otp-form"]
    (condition, _) = flows["impact passkey given just now"]
    assert configs[condition["authenticatorConfig"]] == {"credentials": "webauthn-passwordless", "included": "true"}


def test_people_set_up_a_password_a_code_and_a_passkey_and_nothing_else() -> None:
    realm = render(from_environment(production()))

    assert {action["alias"] for action in realm["requiredActions"]} == {
        "CONFIGURE_TOTP",
        "UPDATE_PASSWORD",
        "webauthn-register-passwordless",
    }


def test_only_the_portal_lets_people_sign_in() -> None:
    realm = render(from_environment(production()))

    interactive = [c["clientId"] for c in realm["clients"] if c["enabled"] and c["standardFlowEnabled"]]
    assert interactive == ["portal"]
    assert [c["clientId"] for c in realm["clients"] if c.get("directAccessGrantsEnabled")] == []
    assert [c["clientId"] for c in realm["clients"] if c["fullScopeAllowed"]] == []


def test_each_role_of_the_one_list_lives_either_in_the_realm_or_in_groups() -> None:
    realm = render(from_environment(production(MODE="demo", DEMO_SECRET="a-secret-of-the-demonstration")))

    in_realm = {role["name"] for role in realm["roles"]["realm"]}
    groups = [group for organisation in realm["organizations"] for group in organisation["groups"]]
    in_groups = {role["name"] for group in groups for role in group["subGroups"]}
    assert not in_realm & in_groups
    # No place is in the demonstration; the role's group is made when a place is registered.
    assert in_realm | in_groups == {role.value for role in role_register()} - {"place-convenor"}


def test_the_demonstration_gives_only_roles_that_the_organisation_can_hold() -> None:
    demonstration = load()
    kinds = {
        o.code: kind_for_roles(o.kind, code=o.code, tenant=o.tenant)
        for t in demonstration.tenants
        for o in demonstration.organisations_of(t.code)
    }
    held_in = {role.value: entry.held_in for role, entry in role_register().items()}

    wrong = [
        (person.username, membership.organisation, role)
        for person in demonstration.people
        for membership in person.memberships
        for role in membership.roles
        if kinds[membership.organisation] not in held_in[role]
    ]

    assert wrong == []


def test_every_trust_of_the_demonstration_can_show_a_range_and_sign_off() -> None:
    demonstration = load()
    trusts = [o.code for o in demonstration.organisations if o.kind == "trust"]
    holders = {
        (code, role): [
            p for p in demonstration.people for m in p.memberships if m.organisation == code and role in m.roles
        ]
        for code in trusts
        for role in ("board-member", "chair", "improvement-lead")
    }

    assert len(trusts) == 23
    assert [code for code in trusts if len(holders[code, "board-member"]) < 5] == []
    assert [code for code in trusts if not (holders[code, "chair"] and holders[code, "improvement-lead"])] == []
    board = [m for p in demonstration.people for m in p.memberships if m.organisation == "DEMO01"]
    assert [member.executive for member in board].count(True) == 6
    assert [member.executive for member in board].count(False) == 6


def test_no_two_people_share_a_name_or_an_id() -> None:
    people = load().people

    for value in ("username", "person_id", "email"):
        assert len({getattr(person, value) for person in people}) == len(people)


def test_the_file_holds_secrets_and_is_its_owners_alone(tmp_path: Path) -> None:
    (path,) = write_realms(from_environment(production()), tmp_path)

    assert path.stat().st_mode & 0o777 == 0o600
    assert json.loads(path.read_text())["realm"] == "impact"


def test_every_forbidden_password_is_long_enough_to_be_chosen() -> None:
    words = (Path(write_realms.__code__.co_filename).parent / "password-blacklists" / DENYLIST).read_text().splitlines()

    assert len(words) > 500
    assert [word for word in words if len(word) < 15 or word != word.lower()] == []


def test_a_signing_key_is_made_once_and_kept(tmp_path: Path) -> None:
    first, second = SigningKey.kept_in(tmp_path), SigningKey.kept_in(tmp_path)

    assert first == second
    assert (tmp_path / "realm-signing-key.pem").stat().st_mode & 0o777 == 0o600


def test_two_realms_on_one_server_share_no_id() -> None:
    settings = from_environment(production(MODE="demo", DEMO_SECRET="a-secret-of-the-demonstration"))

    ids = [_ids(render(replace(settings, realm=name))) for name in ("impact", "other")]

    assert ids[0] & ids[1] == set()


def _ids(part: object) -> set[str]:
    if isinstance(part, dict):
        own = {part["id"]} if isinstance(part.get("id"), str) else set()
        return own.union(*(_ids(value) for value in part.values()))
    if isinstance(part, list):
        return set().union(*map(_ids, part))
    return set()
