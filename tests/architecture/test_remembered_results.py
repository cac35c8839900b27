"""T10: no result that belongs to somebody is remembered for whoever asks next: there are no keys that could clash."""

import ast

from tests.architecture.source_tree import functions_of, python_files, relative

REMEMBERING = {"cache", "lru_cache", "cachedmethod", "cached"}
OF_NOBODY = {
    "services/directory/role_rules.py: role_rules": "the contracts",
    "services/directory/role_rules.py: role_titles": "the contracts",
    "services/insight/handlers.py: _upsert": "a statement without values",
    "services/notification/wording.py: kinds_of_event": "files of this service",
    "services/notification/wording.py: mail_frame": "files of this service",
    "services/notification/wording.py: message_kinds": "files of this service",
    "shared/catalogue.py: _validator": "the contracts",
    "shared/catalogue.py: topic_of": "the contracts",
    "shared/catalogue.py: topics": "the contracts",
    "shared/catalogue.py: topics_read_by": "the contracts",
    "shared/contracts/roles.py: role_register": "the contracts",
    "shared/schema_version.py: revisions_of": "files of this service",
}
"""Functions whose result is kept in a process, each with what it is made of. A tenant's data never is."""


def _names(decorator: ast.expr) -> set[str]:
    return {
        node.id if isinstance(node, ast.Name) else node.attr
        for node in ast.walk(decorator)
        if isinstance(node, ast.Name | ast.Attribute)
    }


def test_only_what_is_nobodys_is_remembered_between_requests() -> None:
    found = {
        f"{relative(path)}: {function.name}"
        for path in python_files("services", "shared")
        if "shared/testing" not in relative(path)
        for function in functions_of(path)
        if any(_names(decorator) & REMEMBERING for decorator in function.decorator_list)
    }

    assert found == set(OF_NOBODY)
