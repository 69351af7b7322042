"""A call list in a browser, in Arabic: numbers masked and in order, a file ordered and taken (001-17, 004-11)."""

import io
import re
from collections.abc import Callable, Iterator

import pytest
from openpyxl import load_workbook
from playwright.sync_api import BrowserContext, Page, expect

from billing_site.identity.roles import Role
from billing_site.jobs.work import drain
from subscribers.models import Subscription
from tests.factories.identity import make_centre, make_staff
from tests.factories.records import Call, every_minute, make_records
from tests.factories.subscribers import make_account, make_line, make_range
from tests.factories.tariffs import make_plan
from tests.fixtures.browsers import LiveServer
from tests.flows.demo_site import english, sign_in
from tests.web.barriers import barriers_on
from tests.web.wrapped import bare_numbers

__all__ = ["english"]
NUMBER = "99990000000"
DAYS = "first=2026-03-01&last=2026-03-31"
PASSWORD = "a long enough secret"
MASKED = re.compile(r"\+999 10 555 XXX")


@pytest.fixture(scope="module")
def najla(fresh_database, tmp_path_factory) -> Iterator[Subscription]:
    """A mobile line with eighty calls, a correction among them; and the staff who look at them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("django.conf.settings.SALDO_FILES_ROOT", tmp_path_factory.mktemp("files"))
        centre = make_centre(code="HALL-1")
        account = make_account(name="نجلاء الحلبي", language="ar", centre=centre)
        make_range(first=NUMBER, use="MOBILE", centre=centre)
        line = make_line(account=account, plan=make_plan(kind="MOBILE"), number=NUMBER)
        call = Call(line=line, calling=NUMBER, key=9001)
        back = Call(line=line, calling=NUMBER, key=9001, revision=1, micro=-5_000_000, seconds=-60)
        make_records([*every_minute(line, 78), call, back])
        make_staff(Role.CALL_DESK, username="desk", language="ar")
        make_staff(Role.CENTRE_SUPERVISOR, username="boss", password=PASSWORD, centre=centre)
        yield line


@pytest.fixture
def enter(browser_context: BrowserContext, live_server: LiveServer, page: Page) -> Callable[[str, str], Page]:
    """Sign a person in."""

    def open_as(username: str, language: str) -> Page:
        sign_in(browser_context, live_server, username, language)
        return page

    return open_as


def test_numbers_are_masked_and_read_from_left_to_right_in_arabic(najla, enter):
    """D12: an Arab agent reads a list whose numbers nobody turns and whose last digits nobody sees."""
    page = enter("desk", "ar")
    page.goto(f"/usage/subscriptions/{najla.pk}/?{DAYS}")

    assert page.evaluate("document.documentElement.dir") == "rtl"
    first = page.locator("table bdi.phone", has_text=MASKED).first
    expect(first).to_be_visible()
    assert first.get_attribute("dir") == "ltr"
    assert "555123" not in page.content()
    assert bare_numbers(page.content()) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 1366
    assert page.locator("tbody tr[data-href]").count() == 50
    assert barriers_on(page) == []
    page.locator("tbody tr[data-href]").first.click()
    page.wait_for_url(re.compile("/usage/records/"))
    expect(page.locator("dl.facts bdi.phone", has_text="XXX")).to_be_visible()


def test_file_is_ordered_made_and_downloaded(najla, enter):
    """001-17: the page returns at once, the panel follows the job, the file comes from the right to the left."""
    page = enter("desk", "en")
    page.goto(f"/usage/subscriptions/{najla.pk}/?{DAYS}&only_corrections=on")
    page.get_by_role("link", name="Excel, PDF or e-mail").click()
    expect(page.get_by_label("Corrections")).to_be_checked()
    expect(page.get_by_label("Language")).to_have_value("ar")
    assert barriers_on(page) == []
    page.get_by_role("button", name="Make the file").click()
    page.wait_for_url(re.compile(r"/usage/call-lists/\d+/$"))
    assert page.get_by_role("link", name="Download").count() == 0
    drain("rating.make_call_list")
    with page.expect_download() as download:
        page.get_by_role("link", name="Download").click()
    sheet = load_workbook(io.BytesIO(download.value.path().read_bytes())).worksheets[0]
    assert sheet.sheet_view.rightToLeft
    assert [row[8].value for row in sheet.iter_rows(min_row=2, max_row=2)] == [-5]


def test_whole_numbers_are_asked_for_with_a_reason_and_a_password(najla, enter):
    """D12: a supervisor sees them for a quarter of an hour, and hides them again."""
    page = enter("boss", "en")
    page.goto(f"/usage/accounts/{najla.account_id}/calls/?{DAYS}")
    expect(page.locator("table bdi.phone", has_text=MASKED).first).to_be_visible()
    page.get_by_role("link", name="Show whole numbers").click()
    page.get_by_label("Reason").fill("Dispute 17 of the subscriber")
    page.get_by_label("Your password").fill(PASSWORD)
    page.get_by_role("button", name="Show for a quarter of an hour").click()
    page.wait_for_url(re.compile("/calls/$"))
    page.goto(f"/usage/accounts/{najla.account_id}/calls/?{DAYS}")
    expect(page.locator("table bdi.phone", has_text="+999 10 555 123").first).to_be_visible()
    page.get_by_role("link", name="Hide them again").click()
    with page.expect_navigation():
        page.get_by_role("button", name="Hide").click()
    page.goto(f"/usage/accounts/{najla.account_id}/calls/?{DAYS}")
    expect(page.locator("table bdi.phone", has_text="+999 10 555 123")).to_have_count(0)
