"""The assessment service with its question sets published, the real ones and a small one for short tests."""

import pytest
import yaml

from services.assessment import worker
from services.assessment.commands.question_sets import publish_question_sets
from shared.principal import NATIONAL_TENANT, Principal
from shared.testing.service_under_test import ServiceUnderTest
from tests.integration.assessment.boards import Board, found_board
from tests.unit.assessment.question_set_example import raw_question_set


@pytest.fixture(scope="session")
def service(assessment: ServiceUnderTest, tmp_path_factory: pytest.TempPathFactory) -> ServiceUnderTest:
    """Return the service under test, ready to open rounds."""
    worker.publish(assessment.database)
    folder = tmp_path_factory.mktemp("question_sets")
    (folder / "small.yaml").write_text(yaml.safe_dump(raw_question_set()))
    with assessment.unit_of_work(Principal.service(NATIONAL_TENANT, NATIONAL_TENANT)) as uow:
        publish_question_sets(uow, folder)
        uow.commit()
    return assessment


@pytest.fixture
def board(service: ServiceUnderTest) -> Board:
    """Return a trust with everybody a self-assessment needs."""
    return found_board(service)
