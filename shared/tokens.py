"""Verifies access tokens of our realm.

The library's defaults accept a token without `exp` or `aud`; so everything is required here, and our own checks stand
behind it: `typ`, `azp`, one tenant, no `auth_time` from the future. Verified claims are cached by the token's hash
(a verification costs 0.1 ms, a hit 0.5 µs); `exp` is checked on every request all the same.
"""

import hashlib
import logging
import threading
import time
from collections import OrderedDict
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import jwt
from jwt import PyJWK, PyJWKClient

from shared.config import OidcConfig
from shared.principal import NATIONAL_TENANT, Principal, Scope
from shared.problems import Forbidden, NotSignedIn

LEEWAY = 10
"""Seconds of clock difference accepted, as Keycloak itself does."""
FUTURE_SIGN_IN = 30
"""Seconds an `auth_time` may lie ahead: a brokered issuer's claim arrives unchecked, so it is checked here."""
CACHE_SIZE = 20_000
REFETCH_INTERVAL = 30.0
"""Seconds between two fetches of the key set, so that made-up key ids cannot make us hammer the issuer."""
FRESH_FOR = 60.0
"""Seconds after which the key set is fetched again in passing: a key published ahead of its use is then known before
it signs, and one that was withdrawn is no longer accepted."""
RETRY_INTERVAL = 2.0
"""Seconds between two tries while no key is known: an issuer that is away must not stall every thread in turn."""
INTERACTIVE_CLIENT = "portal"
REQUIRED = ["exp", "iat", "aud", "iss", "sub"]
log = logging.getLogger(__name__)


class SigningKeys:
    """The issuer's signing keys; an unknown key id fetches again, at most once in REFETCH_INTERVAL seconds."""

    def __init__(self, url: str) -> None:
        self._client = PyJWKClient(url, cache_keys=False, cache_jwk_set=False, timeout=3)
        self._keys: dict[str, PyJWK] = {}
        self._next_try = 0.0
        self._fetched_at = 0.0
        self._lock = threading.Lock()
        self.fetches = 0

    def key(self, key_id: str) -> PyJWK:
        """Return the key; raises NotSignedIn when the issuer does not publish it or cannot be reached."""
        if key_id not in self._keys:
            with self._lock:
                self._refetch()
        self.keep_fresh()
        if key_id not in self._keys:
            raise NotSignedIn("unknown signing key")
        return self._keys[key_id]

    def keep_fresh(self) -> None:
        """Fetch again when the key set is old; one thread does, the others go on with what is known."""
        if time.monotonic() > self._fetched_at + FRESH_FOR and self._lock.acquire(blocking=False):
            try:
                self._refetch()
            finally:
                self._lock.release()

    def holds(self, key_id: str) -> bool:
        """Tell whether the key was in the key set when it was last fetched."""
        return key_id in self._keys

    def _refetch(self) -> None:
        if time.monotonic() < self._next_try:
            return
        self.fetches += 1
        try:
            keys = self._client.get_signing_keys(refresh=True)
        except jwt.PyJWKClientError as error:
            log.warning("The issuer's keys could not be fetched", extra={"error": type(error).__name__})
            self._next_try = time.monotonic() + RETRY_INTERVAL
            return
        self._fetched_at = time.monotonic()
        self._next_try = self._fetched_at + REFETCH_INTERVAL
        self._keys = {key.key_id: key for key in keys if key.key_id}


class TokenVerifier:
    """Turns a bearer token into claims, or refuses."""

    def __init__(self, config: OidcConfig, *, clients: frozenset[str] = frozenset({INTERACTIVE_CLIENT})) -> None:
        self._config = config
        self._clients = clients
        self._keys = SigningKeys(config.jwks_url)
        self._cache: OrderedDict[bytes, tuple[str, dict[str, Any]]] = OrderedDict()
        self._lock = threading.Lock()

    def claims(self, token: str) -> dict[str, Any]:
        """Return the verified claims of `token`; raises NotSignedIn with the reason for the log."""
        digest = hashlib.sha256(token.encode()).digest()
        self._keys.keep_fresh()
        with self._lock:
            known = self._cache.get(digest)
        if known is None or not self._keys.holds(known[0]):
            known = self._verify(token)
            self._remember(digest, known)
        self._check_times(known[1])
        return known[1]

    def _verify(self, token: str) -> tuple[str, dict[str, Any]]:
        try:
            key_id = str(jwt.get_unverified_header(token).get("kid"))
            claims = jwt.decode(
                token,
                self._keys.key(key_id),
                algorithms=["RS256"],
                audience=self._config.audience,
                issuer=self._config.issuer,
                leeway=LEEWAY,
                options={"require": REQUIRED, "strict_aud": True},
            )
        except jwt.PyJWTError as error:
            raise NotSignedIn(type(error).__name__) from error
        if claims.get("typ") != "Bearer" or claims.get("azp") not in self._clients:
            raise NotSignedIn("not an access token of a known client")
        return key_id, claims

    def _remember(self, digest: bytes, known: tuple[str, dict[str, Any]]) -> None:
        with self._lock:
            self._cache[digest] = known
            if len(self._cache) > CACHE_SIZE:
                self._cache.popitem(last=False)

    @staticmethod
    def _check_times(claims: Mapping[str, Any]) -> None:
        now = time.time()
        if claims["exp"] + LEEWAY < now:
            raise NotSignedIn("ExpiredSignatureError")
        if claims.get("auth_time", 0) > now + FUTURE_SIGN_IN:
            raise NotSignedIn("auth_time lies in the future")


def principal_of(claims: Mapping[str, Any], acting_for: str | None) -> Principal:
    """Return who asks, acting for the organisation named in the request.

    A token narrowed to one organization is a tenant principal and its national roles count for nothing; a national
    principal has no organization in its token. Roles come from group paths `/<code>/<role>` alone, because the merged
    role list of a token holds the roles of all of a person's trusts. Raises NotSignedIn for any other shape and
    Forbidden when the token gives no role in that organisation.
    """
    if not claims.get("person_id"):
        return _service_account(claims)
    if "organization" in claims:
        tenant_id, groups = _one_organization(claims["organization"])
        org_id = acting_for or _only_organisation(groups)
        roles = frozenset(path.split("/")[2] for path in groups if path.startswith(f"/{org_id}/"))
        scope = Scope.TENANT if org_id == tenant_id else Scope.ORG
    else:
        tenant_id = org_id = NATIONAL_TENANT
        roles = frozenset(claims.get("realm_access", {}).get("roles", ()))
        scope = Scope.OPERATOR if roles & {"operator"} and not _national(roles) else Scope.NATIONAL
    if acting_for not in (None, org_id) or not roles:
        raise Forbidden("You have no role in that organisation.")
    return Principal(
        person_id=str(claims["person_id"]),
        tenant_id=tenant_id,
        org_id=org_id,
        roles=roles,
        scope=scope,
        acr=claims.get("acr"),
        auth_time=datetime.fromtimestamp(claims["auth_time"], UTC) if "auth_time" in claims else None,
        session_id=claims.get("sid"),
    )


def _national(roles: frozenset[str]) -> bool:
    return any(role.startswith("national-") for role in roles)


def _service_account(claims: Mapping[str, Any]) -> Principal:
    client = claims.get("client_id") or claims.get("azp")
    if client in (None, INTERACTIVE_CLIENT):
        raise NotSignedIn("no person in the token")
    return Principal(
        person_id=None,
        tenant_id=NATIONAL_TENANT,
        org_id=NATIONAL_TENANT,
        roles=frozenset({str(client)}),
        scope=Scope.SERVICE,
    )


def _one_organization(claim: Any) -> tuple[str, list[str]]:
    if not isinstance(claim, dict) or len(claim) != 1:
        raise NotSignedIn("the token is not narrowed to one tenant")
    alias, content = next(iter(claim.items()))
    if not isinstance(content, dict) or not content.get("id"):
        raise NotSignedIn("the organization claim has another shape")
    groups = content.get("groups", [])
    return alias.upper(), [path for path in groups if path.count("/") == 2]


def _only_organisation(groups: list[str]) -> str:
    codes = {path.split("/")[1] for path in groups}
    if len(codes) != 1:
        raise Forbidden("Say for which organisation you act (Acting-For).")
    return codes.pop()
