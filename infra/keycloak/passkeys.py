"""Passkeys: kept by a phone, tablet or computer, which opens them with a face, a finger or a PIN.

Having the device and being able to open it are two factors, so a passkey alone signs somebody in at the strong level.
That rests on one rule here: the device must check the person each time. Beside a password or a work account the same
passkey is the second factor, and it confirms a binding act just as a code does.
"""

from infra.keycloak.config import RealmSettings
from infra.keycloak.representation import Representation, flow, step, sub_flow

CREDENTIAL = "webauthn-passwordless"
"""What Keycloak calls the kind of passkey that is enough by itself."""

GIVEN = "impact passkey given"
_GIVEN_JUST_NOW = "impact passkey given just now"
_CONDITION = "impact-passkey-given"


def policy(settings: RealmSettings, name: str) -> Representation:
    """Return the realm's rules about passkeys; `name` is what a device calls us."""
    rules = {
        "RpEntityName": name,
        # Belongs to the host name of the sign-in pages; a passkey works at that name alone.
        "RpId": settings.passkey_domain,
        "SignatureAlgorithms": ["ES256", "RS256"],
        "AttestationConveyancePreference": "none",
        "AuthenticatorAttachment": "not specified",
        # Found by the device itself, so that nobody types a name first.
        "RequireResidentKey": "Yes",
        "UserVerificationRequirement": "required",
        "AvoidSameAuthenticatorRegister": True,
        "PasskeysEnabled": True,
    }
    return {f"webAuthnPolicyPasswordless{rule}": value for rule, value in rules.items()}


def given_flows() -> list[Representation]:
    """Return what stands in for the second factor when the sign-in itself was made with a passkey.

    It looks at this very sign-in alone: a passkey given at an earlier one does not confirm a binding act. When the
    condition does not hold, the flow has nothing to do and fails, and a second factor is asked for.
    """
    return [
        flow(GIVEN, sub_flow(_GIVEN_JUST_NOW, "CONDITIONAL")),
        flow(
            _GIVEN_JUST_NOW,
            step("conditional-credential", "REQUIRED", _CONDITION),
            step("allow-access-authenticator", "REQUIRED"),
        ),
    ]


def flow_configs() -> dict[str, dict[str, str]]:
    """Return the configuration of that condition, by name."""
    return {_CONDITION: {"credentials": CREDENTIAL, "included": "true"}}
