"""What the browser loads: small, ours, without sides, without foreign addresses."""

import hashlib
import re
from pathlib import Path

import pytest
from django.conf import settings

STATIC = Path(settings.BASE_DIR) / "billing_site" / "static"
TEMPLATES = Path(settings.BASE_DIR) / "templates"
PAGES = sorted(path for path in TEMPLATES.rglob("*.html") if path.relative_to(TEMPLATES).parts[0] != "documents")


@pytest.mark.parametrize(
    ("name", "limit"),
    [
        ("css/app.css", 25_000),
        ("css/print.css", 4_000),
        ("js/app.js", 10_240),
        ("js/grid.js", 6_144),
        ("img/icons.svg", 6_000),
    ],
)
def test_static_file_is_within_its_budget(name, limit):
    assert (STATIC / name).stat().st_size <= limit


def test_style_sheets_know_start_and_end_only():
    text = "".join(path.read_text() for path in STATIC.glob("css/*.css"))
    sides = re.findall(r"[^\n;{]*\b(?:left|right)\b[^\n;}]*", re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL))

    assert sides == []


def test_style_sheets_write_colours_as_tokens_only():
    text = (STATIC / "css/app.css").read_text()
    outside = text[text.index("@layer base {") :]

    assert set(re.findall(r"#[0-9a-fA-F]{3,8}\b", outside)) <= {"#0003", "#0008"}  # shadows


@pytest.mark.parametrize(
    "path",
    [STATIC / "css/app.css", STATIC / "css/print.css", STATIC / "js/app.js", STATIC / "js/grid.js"],
    ids=lambda path: path.name,
)
def test_static_file_names_no_foreign_address(path):
    assert re.findall(r"(?:https?:)?//[a-z0-9.-]+\.[a-z]{2,}", path.read_text()) == []


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(TEMPLATES)))
def test_template_has_no_inline_style_or_script(path):
    text = path.read_text()

    assert re.findall(r"<style|\sstyle=|<script(?![^>]*\bsrc=)|\son[a-z]+=|javascript:|hx-on|https?://", text) == []


def test_vendored_files_are_the_ones_listed():
    rows = re.findall(
        r"^\| (fonts/\S+\.woff2) \|.*\| OFL-1\.1.*\| ([0-9a-f]{64}) \|$",
        (STATIC / "vendor.md").read_text(),
        re.MULTILINE,
    )
    found = {
        str(path.relative_to(STATIC)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in STATIC.glob("fonts/*.woff2")
    }

    assert dict(rows) == found


def test_every_icon_asked_for_is_in_the_sprite():
    asked = {
        name
        for path in PAGES
        for name in re.findall(r'{% icon "([a-z]+)"|sign="([a-z]+)"', path.read_text())
        for name in name
        if name
    }
    sprite = set(re.findall(r'<symbol id="([a-z]+)"', (STATIC / "img/icons.svg").read_text()))

    assert asked - sprite == set()
