"""Style sheets and scripts with names made from their content, so that a browser keeps them for a year.

`python -m services.portal.assets` copies NHS.UK frontend (fetched by `npm ci`) and our own two files into `static/`
and writes `manifest.json`. The NHS logo and its typeface are left out: this is not an NHS England service.
"""

import hashlib
import json
import re
from collections.abc import Mapping
from pathlib import Path

from flask import Blueprint, Response, send_from_directory

HERE = Path(__file__).resolve().parent
FRONTEND = HERE.parent.parent / "node_modules" / "nhsuk-frontend" / "dist" / "nhsuk"
STATIC = HERE / "static"
MANIFEST = STATIC / "manifest.json"
ONE_YEAR = 31_536_000
FONT_FACE = re.compile(r"@font-face\s*\{[^}]*\}")
IMAGE = re.compile(r"/assets/images/([a-z-]+\.svg)")
SOURCE_MAP = re.compile(r"/[/*]# sourceMappingURL=\S+( \*/)?")


class AssetsMissing(Exception):
    """The style sheets and scripts have not been built on this machine."""


def _write(name: str, content: str) -> str:
    digest = hashlib.sha256(content.encode()).hexdigest()[:16]
    stem, _, suffix = name.partition(".")
    hashed = f"{stem}-{digest}.{suffix}"
    (STATIC / hashed).write_text(content)
    return hashed


def _frontend_style() -> str:
    style = FONT_FACE.sub("", (FRONTEND / "nhsuk-frontend.min.css").read_text())
    style = SOURCE_MAP.sub("", style).replace("Frutiger W01,arial", "arial")
    images = {name: _write(name, (FRONTEND / "assets" / "images" / name).read_text()) for name in IMAGE.findall(style)}
    return IMAGE.sub(lambda match: images[match[1]], style)


def build() -> dict[str, str]:
    """Write the hashed files and the manifest afresh; returns the manifest (plain name to hashed name)."""
    if not FRONTEND.is_dir():
        raise AssetsMissing("NHS.UK frontend is not there: run `npm ci` first.")
    STATIC.mkdir(exist_ok=True)  # files of an earlier build stay: a process that still runs hands out their names
    frontend = SOURCE_MAP.sub("", (FRONTEND / "nhsuk-frontend.min.js").read_text())
    manifest = {
        "nhsuk-frontend.css": _write("nhsuk-frontend.css", _frontend_style()),
        "nhsuk-frontend.js": _write("nhsuk-frontend.js", frontend),
        "portal.css": _write("portal.css", (HERE / "style" / "portal.css").read_text()),
        "icon.svg": _write("icon.svg", (HERE / "style" / "icon.svg").read_text()),
    }
    script = (HERE / "script" / "portal.js").read_text()
    manifest["portal.js"] = _write("portal.js", script.replace("NHSUK_FRONTEND", f"./{manifest['nhsuk-frontend.js']}"))
    MANIFEST.write_text(json.dumps(manifest, indent=1))
    return manifest


def load_manifest() -> Mapping[str, str]:
    """Return plain name to hashed name; raises AssetsMissing when nothing was built."""
    if not MANIFEST.is_file():
        raise AssetsMissing("Run `npm ci` and `python -m services.portal.assets` first.")
    manifest: dict[str, str] = json.loads(MANIFEST.read_text())
    return manifest


blueprint = Blueprint("assets", __name__)


@blueprint.get("/assets/<name>")
def asset(name: str) -> Response:
    """Serve one built file; its name changes with its content, so it never goes stale."""
    answer = send_from_directory(STATIC, name, max_age=ONE_YEAR)
    answer.cache_control.public = True
    answer.cache_control.immutable = True
    return answer


if __name__ == "__main__":
    build()
