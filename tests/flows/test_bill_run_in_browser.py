"""
Scenario 11: preview, pilot, everybody; pause, another browser, resume; cancel and again; what was set aside; posting.

Each piece of work is done between two looks at the page, as workers would.
"""

import io
import os
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import FilePayload, Page, expect
from pypdf import PdfReader

from billing_site.core import clock
from billing_site.db.clock_offset import move_clock
from billing_site.identity.roles import Role
from billing_site.jobs.work import drain
from invoicing.models import BillBound, BillRun, BillRunPreview, Invoice
from invoicing.queries.previews import get_preview_figures
from tests.factories.identity import make_centre, make_staff
from tests.factories.invoicing import make_usage_total
from tests.factories.subscribers import make_account, make_cycle, make_line
from tests.factories.tariffs import make_plan
from tests.flows.demo_site import LANGUAGES, sign_in
from tests.web.barriers import barriers_on
from tests.web.wrapped import bare_numbers

# As the scenario has it: fifty accounts are the pilot, everybody else is billed after it, one of them set aside.
ACCOUNTS, PILOT, ODD = 60, 50, 56
CALCULATE, POST, PREVIEW = "invoicing.calculate_chunk", "invoicing.post_chunk", "invoicing.preview_chunk"
NAMES = {"en": "Mary Brown", "hy": "Գրիգորյան Անի", "ru": "Мария Иванова", "zh-hans": "王伟", "ar": "ليلى حسن"}
# Set to a folder to keep what the browser saw, for looking at it.
SHOTS = os.environ.get("SALDO_SCREENSHOTS", "")


@pytest.fixture(scope="module")
def operator(fresh_database, tmp_path_factory):
    """Sixty accounts, twelve in each language; one is to be given back more than it has used."""
    from django.conf import settings

    usual = settings.SALDO_FILES_ROOT
    settings.SALDO_FILES_ROOT = tmp_path_factory.mktemp("files")
    move_clock(to=datetime(2026, 3, 5, 8, tzinfo=UTC))
    centre = make_centre(code="HALL-1")
    for role, username in ((Role.BILLING_SPECIALIST, "specialist"), (Role.TARIFF_APPROVER, "approver")):
        make_staff(role, username=username)
    BillBound.objects.create(category="HOME", parks_negative=True)
    plan = make_plan(code="CITY")
    lines = [
        make_line(account=make_account(name=f"{NAMES[language]} {n}", language=language, centre=centre), plan=plan)
        for n in range(1, 1 + ACCOUNTS // len(LANGUAGES))
        for language in LANGUAGES
    ]
    for n, line in enumerate(lines):
        make_usage_total(line, amount_micro=100_000_000 * (n + 1))
    make_usage_total(lines[ODD], amount_micro=-9_000_000_000, item_code="GIVEN-BACK")
    make_cycle()
    yield lines
    settings.SALDO_FILES_ROOT = usual
    move_clock(to=clock.machine_now())


@pytest.fixture
def enter(browser, live_server, operator):
    """Open a window for a person and a language."""
    windows = []

    def open_as(username: str, language: str = "en") -> Page:
        window = browser.new_context(base_url=live_server.url, viewport={"width": 1366, "height": 900})
        windows.append(window)
        sign_in(window, live_server, username, language)
        opened: Page = window.new_page()
        return opened

    yield open_as
    for window in windows:
        window.close()


def shoot(page: Page, name: str) -> None:
    if SHOTS:
        page.screenshot(path=str(Path(SHOTS) / f"{name}.png"), full_page=True)


def start(page: Page, **fields: str) -> BillRun:
    """Fill in the form of a run and start it."""
    page.goto("/bills/runs/start/")
    for name, value in fields.items():
        page.locator(f"[name={name}]").fill(value)
    shoot(page, f"start-{len(fields)}")
    page.get_by_role("button", name="Start").click()
    expect(page.locator("section.job")).to_be_visible()
    return BillRun.objects.latest("pk")


def preview_first(page: Page) -> BillRunPreview:
    page.goto("/bills/runs/preview/")
    page.get_by_role("button", name="Preview").click()
    expect(page.locator("section.job")).to_be_visible()
    shoot(page, "preview-under-way")
    drain(PREVIEW)
    # The panel says by itself that it has ended.
    expect(page.locator("section.job.DONE")).to_be_visible()
    page.reload()
    shoot(page, "preview")
    return BillRunPreview.objects.get()


def test_scenario_11_from_preview_to_posted_bills(enter, operator):
    specialist = enter("specialist")
    preview = preview_first(specialist)
    assert (Invoice.objects.count(), BillRun.objects.count()) == (0, 0)
    _sees_samples_in_every_language(specialist, preview)
    _pilot(specialist, enter("approver"), operator)
    run = _everybody_paused_reopened_resumed(specialist, enter)
    again = enter("specialist")
    run = _cancelled_and_run_again(again, run)
    _decides_what_was_set_aside(again, run)
    _posted_by_a_second_person(enter("approver"), run)
    whole = get_preview_figures(preview_id=preview.pk).figures
    posted = Invoice.objects.filter(state="POSTED")
    # Total = preview and what was set aside there.
    aside = posted.get(account_id=operator[ODD].account_id).gross_minor
    assert sum(posted.values_list("gross_minor", flat=True)) == whole.gross_minor + aside


def _sees_samples_in_every_language(page: Page, preview: BillRunPreview) -> None:
    links = page.locator(f"a[href*='/previews/{preview.pk}/accounts/']")
    assert links.count() == 4 * len(LANGUAGES)
    hrefs = links.evaluate_all("all => all.map(one => one.getAttribute('href'))")
    assert {href.partition("language=")[2] for href in hrefs} == set(LANGUAGES)
    papers = [page.request.get(href) for href in hrefs if "language=hy" in href or "language=ar" in href]
    assert all(paper.body().startswith(b"%PDF") for paper in papers)


def _pilot(specialist: Page, approver: Page, lines) -> None:
    """Fifty accounts of a list get real bills."""
    numbers = ", ".join(line.account.number for line in lines[:PILOT])
    pilot = start(specialist, accounts=numbers)
    drain(CALCULATE)
    approver.goto(f"/bills/runs/{pilot.pk}/")
    approver.locator(f"a[href$='/runs/{pilot.pk}/post/']").click()
    with approver.expect_navigation():
        approver.get_by_role("button", name="Post").click()
    drain(POST)
    numbered = Invoice.objects.order_by("number").values_list("number", flat=True)
    assert list(numbered) == [f"INV-2026-{n:06d}" for n in range(1, PILOT + 1)]
    _pilot_beside_the_old_system(specialist, pilot)


def _pilot_beside_the_old_system(page: Page, pilot: BillRun) -> None:
    """Screen 58: all bills but one are as the old ones; that is 10 more, and the table names it."""
    bills = list(Invoice.objects.filter(run_id=pilot.pk).order_by("number"))
    rows = [f"{bill.frozen['account']},{bill.gross_minor - 10 * (n == 1)}" for n, bill in enumerate(bills)]
    page.goto(f"/bills/runs/{pilot.pk}/")
    page.get_by_role("link", name="Compare with the old system").click()
    page.get_by_role("link", name="Load old bills").click()
    sheet = "\n".join(["account,amount", *rows]).encode()
    page.locator("[name=sheet]").set_input_files(FilePayload(name="old.csv", mimeType="text/csv", buffer=sheet))
    page.get_by_role("button", name="Compare").click()
    expect(page.locator("main tbody tr").first).to_contain_text(str(bills[1].frozen["account"]))
    expect(page.locator("dl.boxes")).to_contain_text("+10")
    shoot(page, "old-bills")


def _everybody_paused_reopened_resumed(page: Page, enter) -> BillRun:
    """Without a word about the pilot it is refused; then it is paused, and another browser takes it up."""
    page.goto("/bills/runs/start/")
    page.get_by_role("button", name="Start").click()
    expect(page.get_by_role("alert")).to_contain_text("pilot")
    run = start(page, checked="Twenty bills were read line by line; the halls know.")
    page.locator("section.job").get_by_role("button", name="Pause").click()
    expect(page.locator("section.job.PAUSED")).to_be_visible()
    assert drain(CALCULATE) == 0
    page.close()
    again = enter("specialist")
    again.goto(f"/bills/runs/{run.pk}/")
    again.locator("section.job").get_by_role("button", name="Resume").click()
    expect(again.locator("section.job.RUNNING")).to_be_visible()
    drain(CALCULATE)
    expect(again.locator("section.job.DONE")).to_be_visible()
    run.refresh_from_db()
    assert (run.state, run.billed_count, run.parked_count, run.skipped_count) == (
        "CALCULATED",
        ACCOUNTS - PILOT - 1,
        1,
        PILOT,
    )
    again.close()
    return run


def _cancelled_and_run_again(page: Page, run: BillRun) -> BillRun:
    page.goto(f"/bills/runs/{run.pk}/")
    shoot(page, "review")
    page.locator(f"a[href$='/runs/{run.pk}/cancel/']").click()
    page.get_by_role("button", name="Throw the drafts away").click()
    expect(page.locator("main")).to_contain_text("Cancelled")
    assert Invoice.objects.filter(state="DRAFT").count() == 0
    second = start(page, checked="The same again.")
    drain(CALCULATE)
    return second


def _decides_what_was_set_aside(page: Page, run: BillRun) -> None:
    page.goto(f"/bills/runs/{run.pk}/set-aside/")
    shoot(page, "set-aside")
    page.locator("tbody tr[data-href]").first.click()
    expect(page.locator("main")).to_contain_text("money back")
    page.locator("[name=reason]").fill("The credit was promised by letter 12.")
    shoot(page, "decide")
    page.get_by_role("button", name="Bill it as it is").click()
    expect(page.locator("main")).to_contain_text("Billed as it is")
    run.refresh_from_db()
    assert (run.billed_count, run.parked_count) == (ACCOUNTS - PILOT, 0)


def _posted_by_a_second_person(page: Page, run: BillRun) -> None:
    """Who started it finds no button; the second person says it in words and opens a bill in each language."""
    page.goto(f"/bills/runs/{run.pk}/")
    expect(page.locator("main")).to_contain_text("The same again.")
    expect(page.locator("main")).to_contain_text("promised by letter 12")
    page.locator("a.button.danger").click()
    expect(page.locator("main")).to_contain_text("irrevocable")
    shoot(page, "post")
    with page.expect_navigation():
        page.get_by_role("button", name="Post").click()
    drain(POST)
    numbers = Invoice.objects.filter(state="POSTED").order_by("number").values_list("number", flat=True)
    assert list(numbers) == [f"INV-2026-{n:06d}" for n in range(1, ACCOUNTS + 1)]
    for language in LANGUAGES:
        invoice = Invoice.objects.filter(state="POSTED", language=language).first()
        assert invoice is not None
        paper = page.request.get(f"/bills/invoices/{invoice.pk}/pdf/?language={language}")
        assert _number_stands_left(paper.body(), str(invoice.number)) == (language == "ar")
        if SHOTS:
            (Path(SHOTS) / f"bill-{language}.pdf").write_bytes(paper.body())


def _number_stands_left(paper: bytes, number: str) -> bool:
    """Where the number of the bill stands on page 1: at the end of its line, left where words run from the right."""
    page = PdfReader(io.BytesIO(paper)).pages[0]
    found: list[float] = []

    def see(text: str, shift: list[float], place: list[float], *_: object) -> None:
        if number in text:
            found.append(shift[0] * place[4] + shift[4])

    page.extract_text(visitor_text=see)
    return bool(found[0] < page.mediabox.width / 2)


@pytest.mark.parametrize(("language", "direction"), [("hy", "ltr"), ("ar", "rtl")])
def test_pages_of_runs_in_other_scripts(enter, language, direction):
    """Read after the scenario: its pages in Armenian, and in Arabic from the right."""
    page = enter("specialist", language)
    run = BillRun.objects.filter(state="POSTED").latest("pk")
    preview = BillRunPreview.objects.get()
    for name, path in (
        ("run", f"/bills/runs/{run.pk}/"),
        ("preview", f"/bills/runs/previews/{preview.pk}/"),
        ("start", "/bills/runs/start/"),
        ("aside", f"/bills/runs/{run.pk}/set-aside/"),
    ):
        page.goto(path)
        expect(page.locator("html")).to_have_attribute("dir", direction)
        assert bare_numbers(page.content()) == []
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), name
        assert language != "ar" or barriers_on(page) == []
        shoot(page, f"{name}-{language}")
