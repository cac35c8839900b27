"""What the story says while it plays: one line a step, and how long its news took to reach others."""

from __future__ import annotations

from deploy.local.steps import say


class Narration:
    """Writes the story down as it happens, and keeps every time measured."""

    def __init__(self) -> None:
        self.times: list[tuple[str, float]] = []
        self._chapter = 0

    def chapter(self, title: str) -> None:
        self._chapter += 1
        say(f"\n  {self._chapter}. {title}")

    def tell(self, text: str) -> None:
        say(f"     {text}")

    def seen(self, text: str, seconds: float) -> None:
        """Something that happened in one service has become visible in another."""
        self.times.append((text, seconds))
        say(f"     {text:<72} {_duration(seconds):>8}")

    def summary(self) -> None:
        """The times in one line."""
        if self.times:
            longest = max(self.times, key=lambda each: each[1])
            middle = sorted(seconds for _, seconds in self.times)[len(self.times) // 2]
            say(
                f"\n  {len(self.times)} pieces of news travelled between services: half within {_duration(middle)}, "
                f"the slowest ({longest[0].lower()}) in {_duration(longest[1])}."
            )


def _duration(seconds: float) -> str:
    return f"{seconds * 1000:.0f} ms" if seconds < 1 else f"{seconds:.1f} s"
