"""How people sign in: with a passkey, or a password and then a second factor; and how a forgotten password is reset.

Two levels: `password` (1) and `strong` (2). A request for `strong` in a running session asks for the second factor
alone and renews `auth_time`; that is the step-up before a signature. A passkey that signed somebody in counts for both
levels of that sign-in (passkeys.py). The sub-flow "organisation" acts only in a running
session: without it each later request that names an organisation ends on an error page. Password reset ends with a
fresh sign-in and never touches the second factor, so the owner of the mailbox alone cannot get in.

What happens around a sign-in with a work account stands in work_accounts.py.
"""

from infra.keycloak import passkeys, work_accounts
from infra.keycloak.config import SESSION_SECONDS, RealmSettings
from infra.keycloak.representation import Representation, fixed_id, flow, step, sub_flow

LEVELS = {"password": 1, "strong": 2}
BROWSER = "impact browser"
RESET = "impact reset credentials"
SECOND_FACTOR = "impact second factor"


def flows(settings: RealmSettings) -> Representation:
    """Return the part of the realm that says how people sign in."""
    return {
        "browserFlow": BROWSER,
        "resetCredentialsFlow": RESET,
        "authenticationFlows": [
            {"id": fixed_id(settings.realm, "flow", each["alias"]), **each}
            for each in (*_browser(), _reset(), *work_accounts.flows(settings))
        ],
        "authenticatorConfig": [
            {"id": fixed_id(settings.realm, "flow-config", alias), "alias": alias, "config": config}
            for alias, config in _configs(settings).items()
        ],
    }


def _configs(settings: RealmSettings) -> dict[str, dict[str, str]]:
    return {
        "impact-level-1": {"loa-condition-level": "1", "loa-max-age": str(SESSION_SECONDS)},
        "impact-level-2": {"loa-condition-level": "2", "loa-max-age": str(settings.step_up_seconds)},
        "impact-any-person": {"condUserRole": f"default-roles-{settings.realm}", "negate": "false"},
        "impact-sign-in-after-reset": {"force-login": "true"},
        **passkeys.flow_configs(),
        **work_accounts.flow_configs(settings),
    }


def _browser() -> list[Representation]:
    return [
        flow(
            BROWSER,
            step("auth-cookie", "ALTERNATIVE"),
            step("identity-provider-redirector", "ALTERNATIVE"),
            sub_flow("impact organisation", "ALTERNATIVE"),
            sub_flow("impact forms", "ALTERNATIVE"),
            top=True,
        ),
        flow("impact organisation", sub_flow("impact organisation, person known", "CONDITIONAL")),
        flow(
            "impact organisation, person known",
            step("conditional-user-role", "REQUIRED", "impact-any-person"),
            step("organization", "ALTERNATIVE"),
        ),
        flow("impact forms", sub_flow("impact level 1", "CONDITIONAL"), sub_flow("impact level 2", "CONDITIONAL")),
        flow(
            "impact level 1",
            step("conditional-level-of-authentication", "REQUIRED", "impact-level-1"),
            step("auth-username-password-form", "REQUIRED"),
        ),
        flow(
            "impact level 2",
            step("conditional-level-of-authentication", "REQUIRED", "impact-level-2"),
            sub_flow(SECOND_FACTOR, "REQUIRED"),
        ),
        # A flow of its own: an alternative beside a condition is ignored.
        flow(
            SECOND_FACTOR,
            sub_flow(passkeys.GIVEN, "ALTERNATIVE"),
            step("webauthn-authenticator-passwordless", "ALTERNATIVE"),
            step("auth-otp-form", "ALTERNATIVE"),
        ),
        *passkeys.given_flows(),
    ]


def _reset() -> Representation:
    return flow(
        RESET,
        step("reset-credentials-choose-user", "REQUIRED"),
        step("reset-credential-email", "REQUIRED", "impact-sign-in-after-reset"),
        step("reset-password", "REQUIRED"),
        top=True,
    )
