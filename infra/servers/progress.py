"""One bar while server software is fetched."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn


class DownloadBar:
    """A bar over all files of one start. Shows nothing at all when nothing is fetched."""

    def __init__(self, console: Console | None = None) -> None:
        columns = (TextColumn("  fetching server software"), BarColumn(), DownloadColumn(), TransferSpeedColumn())
        shown_on = console or Console()
        self._progress = Progress(*columns, console=shown_on, transient=True, disable=not shown_on.is_terminal)
        self._task = self._progress.add_task("fetching", total=0, visible=True)
        self._open = 0

    @contextmanager
    def __call__(self, filename: str, size: int) -> Iterator[Callable[[int], None]]:
        """Count one file in; see infra.servers.artifacts.DownloadProgress."""
        known = self._progress.tasks[0].total or 0
        self._progress.update(self._task, total=known + size)
        self._open += 1
        self._progress.start()
        try:
            yield lambda count: self._progress.advance(self._task, count)
        finally:
            self._open -= 1
            if not self._open:
                self._progress.stop()
