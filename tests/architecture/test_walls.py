"""The walls between the parts: who may import what, and who may read the environment."""

import sys
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

import services
import shared
from tests.architecture.source_tree import ROOT, SERVICES, imports_of, python_files, relative

KNOWS_ONLY = {
    "kafka": {"shared/kafka.py", "infra/kafka/broker_admin.py", "deploy/containers/servers.py"},
    "boto3": {"shared/aws.py"},
    "botocore": {"shared/aws.py", "shared/mail.py", "shared/storage.py"},
    "keycloak": {"shared/identity_admin/admin_api.py"},
}
READS_ENVIRONMENT = {
    "shared/migrations.py",  # hands the environment to config.py: there is no service to ask yet
    "shared/worker.py",  # the same
    "shared/upkeep.py",  # the same
}


@pytest.mark.parametrize("service", SERVICES)
def test_no_service_imports_another(service: str) -> None:
    others = {f"services.{name}" for name in SERVICES if name != service}

    broken = [
        f"{relative(path)}:{line} imports {module}"
        for path in python_files(f"services/{service}")
        for line, module in imports_of(path)
        if any(module == other or module.startswith(f"{other}.") for other in others)
    ]

    assert broken == []


def test_mechanisms_know_no_service() -> None:
    broken = [
        f"{relative(path)}:{line} imports {module}"
        for path in python_files("shared")
        for line, module in imports_of(path)
        if module.split(".")[0] in {"services", "deploy"}
    ]

    assert broken == []


@pytest.mark.parametrize("service", SERVICES)
def test_a_domain_imports_only_the_standard_library_and_itself(service: str) -> None:
    own = f"services.{service}.domain"

    broken = [
        f"{relative(path)}:{line} imports {module}"
        for path in python_files(f"services/{service}/domain")
        for line, module in imports_of(path)
        if module.split(".")[0] not in sys.stdlib_module_names and not module.startswith(own)
    ]

    assert broken == []


@pytest.mark.parametrize("library", KNOWS_ONLY)
def test_a_client_library_is_known_in_one_place(library: str) -> None:
    broken = [
        f"{relative(path)}:{line}"
        for path in python_files("services", "shared", "infra", "deploy")
        for line, module in imports_of(path)
        if module.split(".")[0] == library
        and relative(path) not in KNOWS_ONLY[library]
        and not relative(path).startswith("shared/testing/")
    ]

    assert broken == []


def test_only_configuration_reads_the_environment() -> None:
    broken = [
        relative(path)
        for path in python_files("services", "shared")
        if path.name != "config.py"
        and relative(path) not in READS_ENVIRONMENT
        and any(word in path.read_text() for word in ("os.environ", "getenv"))
    ]

    assert broken == []


def test_our_packages_are_the_ones_in_this_repository() -> None:
    """Distributions named `shared` and `services` exist; one of them earlier on the path would silently win."""
    for package in (shared, services):
        assert Path(str(package.__file__)).is_relative_to(ROOT)
        owners = set(packages_distributions().get(package.__name__, []))
        assert owners <= {"improve-together-platform"}
