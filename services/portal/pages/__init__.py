"""The pages, an area each. A module here, or in a package below, that has a PageSet called `pages` is found by itself."""

import importlib
import pkgutil
from collections.abc import Iterator

from services.portal.page import PageSet


def page_sets() -> Iterator[PageSet]:
    """Return the page set of every module below this package."""
    for module in pkgutil.walk_packages(__path__, f"{__name__}."):
        pages = getattr(importlib.import_module(module.name), "pages", None)
        if isinstance(pages, PageSet):
            yield pages
