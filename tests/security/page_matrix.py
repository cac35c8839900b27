"""Which role may open which page, in the shape of the list that a person reviews.

`python -m tests.security.page_matrix` writes page_matrix.yaml from what the pages declare; read the difference.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import yaml
from flask import Flask

from services.portal.page import SIGNED_IN, Page, collect
from services.portal.pages import page_sets

MATRIX = Path(__file__).with_name("page_matrix.yaml")
HEADER = """# Who may open what: each page of the portal with its methods and the roles it lets in. Under `beside`:
# addresses that are no page and ask for no role; they look after sessions, or hold nothing of anybody's.
# tests/integration/portal/test_page_matrix.py holds the portal to this list; change it only together with the page,
# and read the difference as a reviewer would.
"""


def all_pages() -> list[Page]:
    """Return every page of the portal."""
    return list(collect(page_sets()).values())


def declared_pages(pages: Iterable[Page] | None = None) -> dict[str, dict[str, Any]]:
    """Return each page (of the whole portal, unless some are given) by its address with what it declares."""
    return {page.path: _row(page) for page in sorted(pages or all_pages(), key=lambda page: page.path)}


def _row(page: Page) -> dict[str, Any]:
    return {"methods": page.methods, "who": who(page)}


def who(page: Page) -> str | list[str]:
    """Return whom a page lets in: anybody, whoever is signed in, or holders of these roles."""
    if page.roles is None:
        return "anybody"
    return "signed in" if page.roles == SIGNED_IN else sorted(str(role) for role in page.roles)


def beside_pages(app: Flask, pages: Mapping[str, Page]) -> list[str]:
    """Return the routes of the portal that are no page."""
    return sorted(
        f"{method} {rule.rule}"
        for rule in app.url_map.iter_rules()
        if rule.endpoint not in pages
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    )


def main() -> None:
    """Write tests/security/page_matrix.yaml; what it says under `beside` was written by hand and stays."""
    beside = {"beside": yaml.safe_load(MATRIX.read_text())["beside"]}
    pages = yaml.safe_dump({"pages": declared_pages()}, sort_keys=False, width=120, default_flow_style=None)
    MATRIX.write_text(HEADER + yaml.safe_dump(beside, sort_keys=False, width=120) + pages)


if __name__ == "__main__":
    main()
