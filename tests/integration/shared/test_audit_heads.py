"""A3: a trail that was cut, put back or sealed anew bears out by itself, and differs from the heads kept outside."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest

from shared import audit_heads, audit_seal, metrics, upkeep
from shared.audit_heads import AT_THE_LATEST, HeadKeeper
from shared.clock import FrozenClock
from shared.config import AwsConfig
from shared.database import UnitOfWork
from shared.ids import new_id
from shared.principal import Principal
from shared.storage import FileStore
from shared.testing.service_under_test import ServiceUnderTest
from tests.integration.shared.audit_trails import US, add, lay, seal, tampering

TABLES = ("audit_seal", "audit_entry")
LACKS = "lacks position {} as it was kept on"


@pytest.fixture
def files(aws: AwsConfig) -> FileStore:
    return FileStore(aws)


@pytest.fixture
def new_keeper(files: FileStore) -> Callable[[], HeadKeeper]:
    """Return what makes a scheduler's keeper afresh; its place in the store is this test's alone."""
    place = f"trial-{new_id()}"
    return lambda: HeadKeeper(place, files)


@pytest.fixture
def keeper(new_keeper: Callable[[], HeadKeeper]) -> HeadKeeper:
    return new_keeper()


@pytest.fixture
def laid(notification: ServiceUnderTest) -> Principal:
    """Return the author of five lines, sealed."""
    return lay(notification, 5)


def keep(service: ServiceUnderTest, keeper: HeadKeeper) -> None:
    keeper.keep(lambda tenant, org: UnitOfWork(service.database, Principal.service(tenant, org)))


def said_of(
    service: ServiceUnderTest,
    keeper: HeadKeeper,
    author: Principal,
    *,
    restored: list[tuple[datetime, datetime]] | None = None,
    after: timedelta = timedelta(),
) -> str:
    """What the check says of the author's tenant; other tests leave broken trails of other tenants behind."""
    with UnitOfWork(service.database, US, clock=FrozenClock(datetime.now(UTC) + after)) as uow:
        sentences = upkeep.check_audit(uow, keeper, restored or [])
    return " ".join(each for each in sentences if f" {author.tenant_id} " in each)


def cut(connection: psycopg.Connection[Any], tenant: str, above: int) -> None:
    """Remove the end of a trail together with its seals, as somebody who knows how it is made."""
    connection.execute(
        "delete from notification.audit_entry e using notification.audit_seal s"
        " where s.entry_seq = e.seq and s.tenant_id = %s and s.position > %s",
        [tenant, above],
    )
    connection.execute("delete from notification.audit_seal where tenant_id = %s and position > %s", [tenant, above])


def test_an_untouched_trail_that_goes_on_growing_has_all_its_heads(
    notification: ServiceUnderTest, keeper: HeadKeeper, laid: Principal
) -> None:
    keep(notification, keeper)
    add(notification, laid, 2)
    keep(notification, keeper)
    add(notification, laid, 1)

    assert [head.position for head in keeper.kept() if head.tenant_id == laid.tenant_id] == [5, 7]
    assert said_of(notification, keeper, laid) == ""


def test_an_end_cut_off_together_with_its_seals_is_found(
    notification: ServiceUnderTest, keeper: HeadKeeper, laid: Principal
) -> None:
    keep(notification, keeper)

    with tampering(notification) as connection:
        cut(connection, laid.tenant_id, 3)

    with notification.unit_of_work(US) as uow:
        assert audit_seal.first_broken_position(uow, laid.tenant_id) is None, "the chain by itself shows nothing"
    assert LACKS.format(5) in said_of(notification, keeper, laid)


def test_a_trail_that_is_gone_altogether_is_found(
    notification: ServiceUnderTest, keeper: HeadKeeper, laid: Principal
) -> None:
    keep(notification, keeper)

    with tampering(notification) as connection:
        cut(connection, laid.tenant_id, 0)

    assert LACKS.format(5) in said_of(notification, keeper, laid)


def test_an_old_copy_is_found_even_when_work_went_on_and_its_trail_is_as_long_again(
    notification: ServiceUnderTest, keeper: HeadKeeper, laid: Principal
) -> None:
    with tampering(notification) as connection:
        for table in TABLES:
            connection.execute(
                f"create temporary table copy_of_{table} as"
                f" select * from notification.{table} where tenant_id = '{laid.tenant_id}'".encode()
            )
        add(notification, laid, 2)
        keep(notification, keeper)
        cut(connection, laid.tenant_id, 0)
        for table in reversed(TABLES):
            connection.execute(
                f"insert into notification.{table} overriding system value select * from copy_of_{table}".encode()
            )
    at_once = said_of(notification, keeper, laid)
    add(notification, laid, 4)

    assert LACKS.format(7) in at_once
    assert LACKS.format(7) in said_of(notification, keeper, laid)


def test_a_line_that_was_edited_and_the_whole_trail_sealed_anew_is_found(
    notification: ServiceUnderTest, keeper: HeadKeeper, laid: Principal
) -> None:
    keep(notification, keeper)

    with tampering(notification) as connection:
        connection.execute(
            "update notification.audit_entry set action = 'harmless' where tenant_id = %s and action = 'deed.1'",
            [laid.tenant_id],
        )
        connection.execute("delete from notification.audit_seal where tenant_id = %s", [laid.tenant_id])
    seal(notification)
    add(notification, laid, 1)

    with notification.unit_of_work(US) as uow:
        assert audit_seal.first_broken_position(uow, laid.tenant_id) is None
    assert LACKS.format(5) in said_of(notification, keeper, laid)


def test_what_was_lost_between_a_backup_and_its_restoring_is_excused_and_nothing_else(
    notification: ServiceUnderTest, keeper: HeadKeeper, laid: Principal
) -> None:
    keep(notification, keeper)
    with tampering(notification) as connection:
        cut(connection, laid.tenant_id, 3)
    now, hour = datetime.now(UTC), timedelta(hours=1)

    assert said_of(notification, keeper, laid, restored=[(now - hour, now + hour)]) == ""
    assert LACKS.format(5) in said_of(notification, keeper, laid, restored=[(now - 2 * hour, now - hour)])
    assert LACKS.format(5) in said_of(notification, keeper, laid, restored=[(now + hour, now + 2 * hour)])


def test_heads_that_are_not_kept_any_more_are_missed(
    notification: ServiceUnderTest, keeper: HeadKeeper, laid: Principal
) -> None:
    """Otherwise a store that holds nothing would look as if all were well."""
    late = AT_THE_LATEST + timedelta(minutes=1)

    assert said_of(notification, keeper, laid) == ""
    assert "was kept since position 5" in said_of(notification, keeper, laid, after=late)
    keep(notification, keeper)
    assert said_of(notification, keeper, laid, after=late) == ""


def test_a_store_that_is_away_is_no_clean_result(notification: ServiceUnderTest) -> None:
    with notification.unit_of_work(US) as uow:
        said = upkeep.check_audit(uow, HeadKeeper("notification", FileStore(None)), [])

    assert any("cannot be read" in sentence for sentence in said)


def test_a_scheduler_that_lacks_a_head_it_kept_raises_the_alarm_and_keeps_no_other_over_it(
    notification: ServiceUnderTest, new_keeper: Callable[[], HeadKeeper], laid: Principal
) -> None:
    keeper = new_keeper()
    keep(notification, keeper)
    with tampering(notification) as connection:
        cut(connection, laid.tenant_id, 3)
    for _ in range(2):
        add(notification, laid, 1)
        keep(notification, keeper)

    assert metrics.AUDIT_HEADS_MISSING._value.get() == 1
    assert metrics.AUDIT_HEADS_UNKEPT._value.get() == 0
    assert [head.position for head in new_keeper().kept() if head.tenant_id == laid.tenant_id] == [5]


def test_a_scheduler_started_anew_keeps_the_same_heads_under_the_same_names(
    notification: ServiceUnderTest, new_keeper: Callable[[], HeadKeeper], laid: Principal
) -> None:
    for _ in range(2):
        keep(notification, new_keeper())

    assert [head.position for head in new_keeper().kept() if head.tenant_id == laid.tenant_id] == [5]


@pytest.mark.usefixtures("logging_of_a_process")
def test_the_command_ends_with_1_for_a_trail_that_was_cut(
    action_plan: ServiceUnderTest,
    aws: AwsConfig,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    service = action_plan
    bucket = f"audit-{new_id().hex}"
    FileStore(replace(aws, bucket=bucket)).make_bucket()
    for name, value in {
        "MODE": "test",
        "DATABASE_URL": service.config.database_url,
        "S3_BUCKET": bucket,
        "S3_ENDPOINT": aws.s3_endpoint or "",
        "AWS_REGION": aws.region,
        "AWS_ACCESS_KEY_ID": aws.access_key,
        "AWS_SECRET_ACCESS_KEY": aws.secret_key,
    }.items():
        monkeypatch.setenv(name, value)
    author = lay(service, 3)
    audit_heads.chore("action_plan", FileStore(replace(aws, bucket=bucket))).run(
        lambda tenant, org: UnitOfWork(service.database, Principal.service(tenant, org))
    )

    ended = [upkeep.main(["action_plan", "check-audit"])]
    with tampering(service) as connection:
        gone = "delete from action_plan.audit_seal where tenant_id = %s and position = 3"
        connection.execute(gone.encode(), [author.tenant_id])
    ended.append(upkeep.main(["action_plan", "check-audit"]))
    ended.append(upkeep.main(["action_plan", "check-audit", "--restored", "2026-01-01", "2100-01-01"]))

    assert ended == [0, 1, 0]
    assert f"The audit trail of {author.tenant_id} lacks position 3" in capsys.readouterr().out
