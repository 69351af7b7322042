"""
Letters in HTML: styles written into each element, because mail programs drop style sheets.

Nothing is fetched when a letter is read: pictures that a page draws are left out, and so is whatever only a browser
uses.
"""

from collections.abc import Mapping
from typing import Any

from lxml import html

# By element, then by class; later ones are added to earlier ones. Logical sides: a letter in Arabic is mirrored.
ELEMENTS: Mapping[str, str] = {
    "body": "margin:0;background:#f4f6f8;color:#1b1f24;font-family:'Noto Sans',Arial,sans-serif;font-size:15px;"
    "line-height:1.5",
    "table": "width:100%;border-collapse:collapse",
    "th": "text-align:start;font-weight:normal;color:#555e68;padding:4px;border-block-end:1px solid #767f8a",
    "td": "text-align:start;padding:4px;vertical-align:top",
    "h2": "font-size:17px;margin:24px 0 6px",
    "p": "margin:0 0 8px",
}
CLASSES: Mapping[str, str] = {
    "sheet": "max-width:640px;margin:0 auto;padding:20px;background:#ffffff",
    "operator-name": "font-size:24px;font-weight:bold",
    "word": "color:#555e68",
    "note": "color:#555e68;font-size:13px",
    "address": "margin:16px 0",
    "to-pay": "border:2px solid #1b1f24;padding:12px 16px",
    "amount": "font-size:28px;font-weight:bold",
    "due": "font-size:20px;font-weight:bold",
    "sumup": "margin-top:12px",
    "sum": "display:block;font-weight:bold",
    "sign": "width:16px;text-align:center",
    "end": "text-align:end",
    "total": "font-weight:bold",
    "num": "white-space:nowrap",
    "notice": "border-inline-start:3px solid #1b1f24;padding-inline-start:10px",
}
DROPPED = ("svg", "script", "style", "link", "img")
# What only a page needs.
PLAIN = ("class", "tabindex", "role", "id")


def with_inline_styles(page: str) -> str:
    """
    Return an HTML page of ours as a letter: styles in its elements, no pictures, nothing to fetch.

    :param page: a whole document; what it holds of people's words is escaped already
    """
    root: Any = html.document_fromstring(page)
    for element in list(root.iter(*DROPPED)):
        element.drop_tree()
    for element in root.iter():
        if isinstance(element.tag, str):
            _style(element)
    written: str = html.tostring(root, encoding="unicode", doctype="<!doctype html>")
    return written


def _style(element: Any) -> None:
    classes = (element.get("class") or "").split()
    parts = [ELEMENTS.get(str(element.tag), ""), *(CLASSES.get(name, "") for name in classes)]
    style = ";".join(part for part in parts if part)
    for name in PLAIN:
        element.attrib.pop(name, None)
    if style:
        element.set("style", style)
