"""Finds phones, amounts and codes outside ``<bdi dir="ltr">``: in Arabic they would be read backwards."""

import re
from html.parser import HTMLParser

VOID = frozenset(["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"])
SILENT = frozenset({"script", "style", "title", "textarea", "option", "template"})
LTR_MODES = frozenset({"numeric", "decimal", "tel"})
FROM_RIGHT = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff]")
GAP = " \u00a0\u202f"
# A sign before digits, decimals, groups, five digits and more, or a document's number.
BARE = re.compile(
    rf"(?<![\w.])[-+−]\d"
    rf"|\d[.,]\d"
    rf"|\d{{1,3}}(?:[{GAP}]\d{{3}})+(?!\d)"
    rf"|\d{{5,}}"
    rf"|\d+-\d+"
)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[tuple[str, bool]] = []
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        known = dict(attrs)
        ltr = known.get("dir") == "ltr" or known.get("direction") == "ltr"
        if tag == "input":
            self._look_at_input(known, ltr=ltr)
        if tag not in VOID:
            self.open.append((tag, ltr and tag not in {"html", "body"}))

    def handle_endtag(self, tag: str) -> None:
        while self.open:
            if self.open.pop()[0] == tag:
                return

    def handle_data(self, data: str) -> None:
        if any(ltr or tag in SILENT for tag, ltr in self.open) or self._stands_alone(data):
            return
        bare = BARE.search(data)
        if bare:
            self.found.append(data.strip())

    def _stands_alone(self, data: str) -> bool:
        """Say whether a text is in a ``<bdi>`` without letters from right to left: it cannot be turned."""
        return any(tag == "bdi" for tag, _ in self.open) and not FROM_RIGHT.search(data)

    def _look_at_input(self, known: dict[str, str | None], *, ltr: bool) -> None:
        needs = known.get("type") in {"tel", "number"} or known.get("inputmode") in LTR_MODES
        if needs and not ltr:
            self.found.append(f"input {known.get('name')}")


def bare_numbers(html: str) -> list[str]:
    """Return the texts that show a number which nothing keeps in order."""
    reader = _Reader()
    reader.feed(html)
    return reader.found


def assert_numbers_wrapped(html: str | bytes) -> None:
    """Fail on the first phone, amount or code of a page that is not wrapped (see ``{% load saldo %}``)."""
    found = bare_numbers(html.decode() if isinstance(html, bytes) else html)
    assert found == [], f"Not wrapped in <bdi dir=ltr>: {found}"
