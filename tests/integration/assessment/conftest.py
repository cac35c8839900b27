"""The assessment service with its question sets published, the real ones and small ones for short tests."""

from collections.abc import Iterator

import pytest
import yaml

from services.assessment import worker
from services.assessment.commands.question_sets import publish_question_sets
from shared.config import AwsConfig
from shared.contracts.roles import Role
from shared.principal import NATIONAL_TENANT, Principal
from shared.storage import FileStore
from shared.testing.service_under_test import ServiceUnderTest
from shared.testing.world import Person
from tests.integration.assessment.boards import SMALL_FOR_ICBS, Board, found_board
from tests.integration.assessment.evidence_shelf import Shelf
from tests.unit.assessment.question_set_example import raw_question_set


@pytest.fixture(scope="session")
def service(assessment: ServiceUnderTest, tmp_path_factory: pytest.TempPathFactory) -> ServiceUnderTest:
    """Return the service under test, ready to open rounds."""
    worker.publish(assessment.database)
    folder = tmp_path_factory.mktemp("question_sets")
    for_icbs = raw_question_set() | {"id": SMALL_FOR_ICBS, "audience": "icb"}
    for name, raw in (("small.yaml", raw_question_set()), ("small-icb.yaml", for_icbs)):
        (folder / name).write_text(yaml.safe_dump(raw))
    with assessment.unit_of_work(Principal.service(NATIONAL_TENANT, NATIONAL_TENANT)) as uow:
        publish_question_sets(uow, folder)
        uow.commit()
    return assessment


@pytest.fixture
def board(service: ServiceUnderTest) -> Board:
    """Return a trust with everybody a self-assessment needs."""
    return found_board(service)


@pytest.fixture
def icb_lead(board: Board) -> Person:
    """Return somebody who leads improvement at the board's ICB."""
    return board.service.world.person(board.tenant, Role.ICB_LEAD)


@pytest.fixture
def shelf(board: Board, aws: AwsConfig) -> Iterator[Shelf]:
    """Return a trust whose service has a store for files."""
    extensions = board.service.app.extensions
    before, extensions["files"] = extensions["files"], FileStore(aws)
    yield Shelf(board, aws)
    extensions["files"] = before
