"""How people sign in: password, then a second factor; and how a forgotten password is reset.

Two levels: `password` (1) and `strong` (2). A request for `strong` in a running session asks for the second factor
alone and renews `auth_time`; that is the step-up before a signature. The sub-flow "organisation" acts only in a running
session: without it each later request that names an organisation ends on an error page. Password reset ends with a
fresh sign-in and never touches the second factor, so the owner of the mailbox alone cannot get in.

A brokered work account would add its first-login and after-login flows beside these and reuse SECOND_FACTOR.
"""

from infra.keycloak.config import RealmSettings
from infra.keycloak.representation import Representation, fixed_id

LEVELS = {"password": 1, "strong": 2}
SESSION_SECONDS = 43_200
BROWSER = "impact browser"
RESET = "impact reset credentials"
SECOND_FACTOR = "impact second factor"


def flows(settings: RealmSettings) -> Representation:
    """Return the part of the realm that says how people sign in."""
    return {
        "browserFlow": BROWSER,
        "resetCredentialsFlow": RESET,
        "authenticationFlows": [
            {"id": fixed_id(settings.realm, "flow", flow["alias"]), **flow} for flow in (*_browser(), _reset())
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
    }


def _browser() -> list[Representation]:
    return [
        _flow(
            BROWSER,
            _step("auth-cookie", "ALTERNATIVE"),
            _step("identity-provider-redirector", "ALTERNATIVE"),
            _sub_flow("impact organisation", "ALTERNATIVE"),
            _sub_flow("impact forms", "ALTERNATIVE"),
            top=True,
        ),
        _flow("impact organisation", _sub_flow("impact organisation, person known", "CONDITIONAL")),
        _flow(
            "impact organisation, person known",
            _step("conditional-user-role", "REQUIRED", "impact-any-person"),
            _step("organization", "ALTERNATIVE"),
        ),
        _flow("impact forms", _sub_flow("impact level 1", "CONDITIONAL"), _sub_flow("impact level 2", "CONDITIONAL")),
        _flow(
            "impact level 1",
            _step("conditional-level-of-authentication", "REQUIRED", "impact-level-1"),
            _step("auth-username-password-form", "REQUIRED"),
        ),
        _flow(
            "impact level 2",
            _step("conditional-level-of-authentication", "REQUIRED", "impact-level-2"),
            _sub_flow(SECOND_FACTOR, "REQUIRED"),
        ),
        # A flow of its own: an alternative beside a condition is ignored.
        _flow(SECOND_FACTOR, _step("webauthn-authenticator", "ALTERNATIVE"), _step("auth-otp-form", "ALTERNATIVE")),
    ]


def _reset() -> Representation:
    return _flow(
        RESET,
        _step("reset-credentials-choose-user", "REQUIRED"),
        _step("reset-credential-email", "REQUIRED", "impact-sign-in-after-reset"),
        _step("reset-password", "REQUIRED"),
        top=True,
    )


def _flow(alias: str, *executions: Representation, top: bool = False) -> Representation:
    return {
        "alias": alias,
        "providerId": "basic-flow",
        "topLevel": top,
        "builtIn": False,
        "authenticationExecutions": [
            {**execution, "priority": place * 10, "userSetupAllowed": False}
            for place, execution in enumerate(executions, start=1)
        ],
    }


def _step(authenticator: str, requirement: str, config: str | None = None) -> Representation:
    step: Representation = {"authenticator": authenticator, "authenticatorFlow": False, "requirement": requirement}
    return {**step, "authenticatorConfig": config} if config else step


def _sub_flow(alias: str, requirement: str) -> Representation:
    return {"flowAlias": alias, "authenticatorFlow": True, "requirement": requirement}
