"""The Python files of the repository, read once for the rules that are about text and syntax trees."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CODE = ("services", "shared", "infra", "deploy")
SERVICES = tuple(
    sorted(path.name for path in (ROOT / "services").iterdir() if path.is_dir() and not path.name.startswith("_"))
)


@cache
def python_files(*folders: str) -> tuple[Path, ...]:
    """Return the files below the given folders (by default all product code), without migrations' versions."""
    wanted = folders or CODE
    found = (path for folder in wanted for path in (ROOT / folder).rglob("*.py"))
    return tuple(sorted(path for path in found if "node_modules" not in path.parts and ".local" not in path.parts))


@cache
def tree_of(path: Path) -> ast.Module:
    """Return the syntax tree of a file."""
    return ast.parse(path.read_text())


def imports_of(path: Path) -> Iterator[tuple[int, str]]:
    """Yield (line, dotted module) for each import of a file, wherever it stands."""
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Import):
            for name in node.names:
                yield node.lineno, name.name
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.lineno, node.module


def functions_of(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Yield every function and method of a file."""
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def relative(path: Path) -> str:
    """Return a path as it is written in messages."""
    return str(path.relative_to(ROOT))
