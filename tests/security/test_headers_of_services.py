"""Every answer of every service tells a browser that gets hold of it the same, once, whoever made the answer."""

import pytest

from infra.postgres.roles import SERVICES
from shared.security_headers import SECURITY_HEADERS
from shared.testing.service_under_test import ServiceUnderTest


@pytest.fixture(params=[name for name in SERVICES if name != "portal"])
def service(request: pytest.FixtureRequest) -> ServiceUnderTest:
    found: ServiceUnderTest = request.getfixturevalue(request.param)
    return found


@pytest.mark.parametrize(
    ("path", "status"), [("/health/live", 200), ("/v1/operations", 401), ("/v1/nothing-of-ours", 404)]
)
def test_every_answer_has_each_header_once(service: ServiceUnderTest, path: str, status: int) -> None:
    answer = service.app.test_client().get(path)

    assert answer.status_code == status
    for name, value in SECURITY_HEADERS:
        assert answer.headers.getlist(name) == [value], name
