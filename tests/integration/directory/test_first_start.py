"""The first start of a service: the register, the first administrator, the demonstration; each may be run again."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from sqlalchemy import func, select

from infra.keycloak.demo_people import load
from infra.postgres.bootstrap import drop_database
from infra.servers import ConnectionSettings
from services.directory.app import create_app
from services.directory.commands.first_start import load_register
from services.directory.commands.people import NewPerson, appoint_first_administrator, load_people
from services.directory.demonstration import load_demonstration
from services.directory.domain.appointments import AppointmentRefused, UnknownRole
from services.directory.models import appointment, organisation, tenancy
from services.directory.seed import seed
from shared.config import Mode, ServiceConfig
from shared.contracts import event_types
from shared.contracts.roles import Role
from shared.database import Database
from shared.mechanism import due_work, known_membership
from shared.principal import NATIONAL_TENANT, Principal
from shared.problems import Invalid, NotFound
from shared.testing.databases import fresh_database
from shared.testing.service_under_test import ServiceUnderTest, service_config_for_tests
from shared.testing.token_mint import TokenMint

DIRECTORY = Principal.service(NATIONAL_TENANT, NATIONAL_TENANT)


@pytest.fixture
def empty(servers: ConnectionSettings, mint: TokenMint, worker: str) -> Iterator[ServiceUnderTest]:
    """A directory in which nothing has happened yet."""
    name = fresh_database(servers.postgres, "directory", f"{worker}_start")
    url = servers.postgres.dsn("app_directory", name, scheme="postgresql+psycopg")
    config = service_config_for_tests("directory", url, mint)
    database = Database(url, pool_size=4)
    superuser = servers.postgres.superuser_dsn(name)
    yield ServiceUnderTest("directory", create_app(config, database=database), database, superuser, mint, config)
    database.dispose()
    drop_database(servers.postgres.superuser_dsn("postgres"), name)


def scheduler_config(service: ServiceUnderTest, mode: Mode = Mode.DEMO) -> ServiceConfig:
    return replace(service.config, role="scheduler", mode=mode)


def test_the_register_is_filled_once_and_told(empty: ServiceUnderTest) -> None:
    first = seed(scheduler_config(empty))
    told = len(empty.events())

    again = seed(scheduler_config(empty))

    assert (first, again) == (329, 0)
    assert len(empty.events()) == told
    registered = {e.org_id: e.data for e in empty.events(event_types.ORGANISATION_REGISTERED)}
    assert registered["R0A"]["tenant"] == "QOP"
    assert registered["TAD"]["tenant"] is None
    assert registered["QMJ"]["valid_to"] == "2026-04-01"
    assert registered["Y60"]["tenant"] == NATIONAL_TENANT
    assert len(empty.events(event_types.ORGANISATION_SUCCEEDED)) == 20


def test_every_open_trust_but_three_has_one_tenant_and_nobody_has_two(empty: ServiceUnderTest) -> None:
    with empty.unit_of_work(DIRECTORY) as uow:
        load_register(uow)
        open_trusts = select(organisation.c.code).where(
            organisation.c.kind == "trust", organisation.c.open_until.is_(None)
        )
        held = select(tenancy.c.code).where(tenancy.c.valid_until.is_(None), tenancy.c.code.in_(open_trusts))
        codes = uow.session.execute(open_trusts).scalars().all()
        placed = uow.session.execute(held).scalars().all()

    assert len(codes) == 202
    assert len(placed) == len(set(placed)) == 199


def test_the_register_of_organisations_never_falls_back_to_the_file(empty: ServiceUnderTest) -> None:
    with empty.unit_of_work(DIRECTORY) as uow:
        load_register(uow)
        uow.session.execute(organisation.update().where(organisation.c.code == "R0A").values(name="Renamed Since"))

        load_register(uow)

        name = uow.session.execute(select(organisation.c.name).where(organisation.c.code == "R0A")).scalar()
    assert name == "Renamed Since"


def test_the_first_administrator_is_appointed_once(empty: ServiceUnderTest) -> None:
    with empty.unit_of_work(DIRECTORY) as uow:
        load_register(uow)
        person_id = appoint_first_administrator(uow, name="Noor Aziz", email="noor@national.example")
        with pytest.raises(AppointmentRefused):
            appoint_first_administrator(uow, name="Somebody Else", email="else@national.example")
        uow.commit()

    told = empty.events(event_types.MEMBERSHIP_GRANTED)
    assert [(e.data["person_id"], e.data["role"], e.org_id) for e in told] == [
        (person_id, "national-administrator", NATIONAL_TENANT)
    ]


def test_the_demonstration_is_loaded_once_with_the_ids_of_the_sign_in_realm(empty: ServiceUnderTest) -> None:
    first = load_demonstration(scheduler_config(empty))

    again = load_demonstration(scheduler_config(empty))

    shown = load()
    roles = sum(len(m.roles) for p in shown.people for m in p.memberships) + sum(
        len(p.realm_roles) for p in shown.people
    )
    assert first == {"register": 329, "fictional": len(shown.organisations), "roles": roles}
    assert again == {"register": 0, "fictional": 0, "roles": 0}
    with empty.unit_of_work(DIRECTORY) as uow:
        lena = uow.session.execute(
            select(known_membership.c.org_id, known_membership.c.role).where(
                known_membership.c.person_id == shown.person("lena.lead").person_id
            )
        ).one()
        assert (lena.org_id, lena.role) == ("DEMO01", "improvement-lead")
        assert uow.session.execute(select(func.count()).select_from(due_work)).scalar() == 0
    registered = {e.org_id: e.data for e in empty.events(event_types.ORGANISATION_REGISTERED)}
    assert registered["DEMO01"]["fictional"] is True
    assert (registered["DEMO11"]["tenant"], registered["DEMO11"]["region"]) == ("XSM01", "Y58")


def test_the_demonstration_is_never_loaded_in_production(empty: ServiceUnderTest) -> None:
    with pytest.raises(SystemExit):
        load_demonstration(scheduler_config(empty, Mode.PRODUCTION))

    assert empty.events() == []


def test_a_list_with_a_mistake_loads_nobody(empty: ServiceUnderTest) -> None:
    right = NewPerson("Ada Abbott", "ada@trust.example", (("R0A", Role.CHAIR),))
    wrong_role = NewPerson("Ben Bassey", "ben@trust.example", (("R0A", Role.ICB_LEAD),))
    wrong_place = NewPerson("Cara Drake", "cara@trust.example", (("NOPE1", Role.CHAIR),))
    with empty.unit_of_work(DIRECTORY) as uow:
        load_register(uow)
        uow.commit()

    for wrong, error in ((wrong_role, UnknownRole), (wrong_place, NotFound)):
        with empty.unit_of_work(DIRECTORY) as uow, pytest.raises(error):
            load_people(uow, [right, wrong])

    with empty.unit_of_work(DIRECTORY) as uow:
        assert uow.session.execute(select(func.count()).select_from(appointment)).scalar() == 0


@pytest.mark.parametrize(
    ("name", "email"),
    [("Ada <b>", "ada@trust.example"), ("Jо Brown", "jo@trust.example"), ("Ada Abbott", "adä@x.example")],
)
def test_nobody_is_made_known_by_a_name_or_an_address_that_no_invitation_would_take(
    empty: ServiceUnderTest, name: str, email: str
) -> None:
    with empty.unit_of_work(DIRECTORY) as uow:
        load_register(uow)
        with pytest.raises(Invalid):
            load_people(uow, [NewPerson(name, email, (("R0A", Role.CHAIR),))])
        with pytest.raises(Invalid):
            appoint_first_administrator(uow, name=name, email=email)
