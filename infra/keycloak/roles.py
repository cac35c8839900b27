"""The realm's reading of the one role list (shared/contracts/roles.yaml)."""

from shared.contracts.roles import Level, RoleEntry, role_register

COUNTS_EVERYWHERE = frozenset({Level.NATIONAL, Level.OPERATOR, Level.SERVICE})


class RoleList:
    """Which roles live in the realm itself and which in groups of an organisation."""

    def __init__(self, entries: list[RoleEntry] | None = None) -> None:
        self._entries = entries if entries is not None else list(role_register().values())

    @property
    def of_people(self) -> list[str]:
        """Roles of the realm that a person may hold; a role in an organisation never counts as one of them."""
        return [e.role.value for e in self._entries if e.level in {Level.NATIONAL, Level.OPERATOR}]

    @property
    def of_services(self) -> list[str]:
        """Roles of the realm that only a service's own account holds."""
        return [e.role.value for e in self._entries if e.level is Level.SERVICE]

    def of_kind(self, kind: str) -> list[str]:
        """Return the roles held in organisations of this kind; each becomes a group /<code>/<role>."""
        return [e.role.value for e in self._entries if kind in e.held_in and e.level not in COUNTS_EVERYWHERE]
