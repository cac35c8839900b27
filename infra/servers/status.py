"""How a server is at this moment."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class ServerStatus:
    """One server now; `resident_mb` counts its whole process group, in megabytes."""

    name: str
    running: bool
    port: int
    pid: int | None
    resident_mb: int | None


def resident_megabytes(group: int) -> int:
    """Memory in use by all processes of a group; pages they share count once for each."""
    total = 0
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[2]) == group:
            total += int(fields[21]) * 4096
    return total // 1_000_000
