"""The pages, an area each. Every module below this package that has a PageSet called `pages` is found."""

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
