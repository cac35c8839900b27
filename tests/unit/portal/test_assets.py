"""Style sheets and scripts: named by content, nothing from elsewhere, no logo and no typeface that is not ours."""

from pathlib import Path

import pytest

from services.portal import assets

STATIC = assets.STATIC


@pytest.fixture(scope="module")
def manifest() -> dict[str, str]:
    """Return the manifest of what is built."""
    return dict(assets.load_manifest()) if assets.MANIFEST.is_file() else assets.build()


def test_names_change_with_content(manifest: dict[str, str]) -> None:
    for plain, hashed in manifest.items():
        stem, suffix = plain.rsplit(".", 1)
        assert hashed.startswith(f"{stem}-")
        assert hashed.endswith(f".{suffix}")
        assert (STATIC / hashed).is_file()


def test_nothing_is_fetched_from_elsewhere(manifest: dict[str, str]) -> None:
    style = (STATIC / manifest["nhsuk-frontend.css"]).read_text()

    assert "@font-face" not in style
    assert "Frutiger" not in style
    assert "http" not in style.replace("http://www.w3.org", "")


def test_every_picture_a_style_names_is_there(manifest: dict[str, str]) -> None:
    style = (STATIC / manifest["nhsuk-frontend.css"]).read_text()
    named = {
        part.split(")")[0].strip("\"'") for part in style.split("url(")[1:] if not part.startswith(("data:", '"data:'))
    }

    assert named
    assert all((STATIC / name).is_file() for name in named)


def test_our_script_imports_the_built_frontend(manifest: dict[str, str]) -> None:
    assert f"./{manifest['nhsuk-frontend.js']}" in (STATIC / manifest["portal.js"]).read_text()


def test_no_template_writes_script_or_style_inline() -> None:
    templates = Path(assets.__file__).parent / "templates"
    for file in templates.rglob("*.html"):
        text = file.read_text()
        assert "style=" not in text, file
        assert "onclick" not in text, file
        assert "<script>" not in text, file
        assert "|safe" not in text.replace('aria-current="true"\'|safe', ""), file
