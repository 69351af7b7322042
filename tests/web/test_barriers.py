"""The look for barriers: it sees what is pale in one scheme only, a field without a name, a page of no script."""

from pathlib import Path

from playwright.sync_api import Browser

from tests.web.barriers import barriers_on, barriers_without_scripts

PAGE = """<!doctype html><html lang="en"><head><title>T</title><style>p { color: #000; background: #fff; }
@media (prefers-color-scheme: %s) { p { color: #777; background: #666; } }</style></head>
<body><main><h1>T</h1><p>Pale</p>%s</main></body></html>"""


def rules(found: list[str]) -> list[str]:
    return [barrier.split(": ")[1] for barrier in found]


def test_barriers_of_both_schemes_are_seen_and_the_scheme_is_left_as_it_was(browser: Browser):
    page = browser.new_page(color_scheme="dark")
    for scheme in ("light", "dark"):
        page.set_content(PAGE % (scheme, "<input>"))
        assert sorted(rules(barriers_on(page))) == ["color-contrast", "label"]
        assert page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches")
    page.close()


def test_page_without_scripts_is_looked_at_beside(browser: Browser, tmp_path: Path):
    file = tmp_path / "page.html"
    file.write_text(PAGE % ("print", "<input>"), encoding="utf-8")
    page = browser.new_context(java_script_enabled=False).new_page()
    page.goto(file.as_uri())
    assert rules(barriers_without_scripts(page)) == ["label"]
    page.context.close()
