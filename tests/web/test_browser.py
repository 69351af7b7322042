"""The frame in a real browser: keyboard, policy, direction. A console error or a foreign request fails by itself."""

import os
from pathlib import Path

import pytest
from django.conf import settings
from django.utils import translation
from playwright.sync_api import expect

from billing_site.identity.roles import Role
from billing_site.jobs.models import Job
from tests.factories.identity import make_staff
from tests.web.conftest import write_jobs

pytestmark = pytest.mark.usefixtures("sample_site")

PASSWORD = "correct-horse-battery"
# Set to a folder to keep what the browser saw, for looking at it.
SHOTS = os.environ.get("SALDO_SCREENSHOTS", "")


@pytest.fixture(scope="module")
def people(fresh_database):
    user = make_staff(Role.BILLING_SPECIALIST, username="narine")
    user.full_name = "Նարինե Սարգսյան"
    user.set_password(PASSWORD)
    user.save()
    write_jobs(45)
    return user


@pytest.fixture
def signed_in(page, people, client, browser_context, live_server):
    client.force_login(people)
    cookie = client.cookies[settings.SESSION_COOKIE_NAME]
    browser_context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": live_server.url}])
    return page


def speak(context, language, server):
    context.add_cookies([{"name": settings.LANGUAGE_COOKIE_NAME, "value": language, "url": server.url}])


def a_done_job():
    return Job.objects.filter(state="DONE").earliest("id")


def shoot(page, name):
    if SHOTS:
        page.screenshot(path=str(Path(SHOTS) / f"{name}.png"), full_page=True)


def test_sign_in_with_a_wrong_password_says_so(page, people):
    page.goto("/sign-in/")
    page.get_by_label("Sign-in name").fill("narine")
    page.get_by_label("Password").fill("wrong")
    page.keyboard.press("Enter")

    page.get_by_role("alert").wait_for()
    assert page.title().startswith("Error: Sign in")
    # The focus goes to what was wrong first: a key pressed before that would be lost.
    expect(page.locator(".wrong-summary")).to_be_focused()
    shoot(page, "sign-in")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_label("Password").press("Enter")
    page.get_by_role("heading", name="Payments").wait_for()


@pytest.mark.parametrize("language", ["en", "hy", "ru", "zh-hans", "ar"])
def test_pages_in_each_language_obey_the_policy(
    signed_in, browser_context, live_server, allowed_console_errors, language
):
    allowed_console_errors.append("status of 422")  # the form that comes back
    speak(browser_context, language, live_server)
    signed_in.goto("/jobs/")
    shoot(signed_in, f"list-{language}")
    job = a_done_job()
    signed_in.goto(f"/jobs/{job.pk}/")
    shoot(signed_in, f"detail-{language}")
    signed_in.goto("/jobs/add/")
    signed_in.keyboard.press("F8")
    expect(signed_in.locator(".wrong-summary")).to_be_focused()
    shoot(signed_in, f"form-{language}")

    assert signed_in.evaluate("document.documentElement.dir") == ("rtl" if language == "ar" else "ltr")


def test_numbers_in_arabic_stand_in_their_order(signed_in, browser_context, live_server):
    speak(browser_context, "ar", live_server)
    signed_in.goto(f"/jobs/{a_done_job().pk}/")

    box = signed_in.locator("bdi.phone")
    first, last = signed_in.evaluate(
        """(node) => { const text = node.firstChild, at = (from) => { const range = document.createRange();
        range.setStart(text, from); range.setEnd(text, from + 1); return range.getBoundingClientRect().x; };
        return [at(0), at(text.length - 1)]; }""",
        box.element_handle(),
    )
    assert box.inner_text() == "+999 90 000 1XX"
    assert first < last


def test_search_by_keyboard_alone_opens_a_hit(signed_in):
    signed_in.goto("/jobs/")
    signed_in.keyboard.press("F2")
    signed_in.keyboard.type("Mary")
    signed_in.get_by_role("option").first.wait_for()
    shoot(signed_in, "search")
    signed_in.keyboard.press("ArrowDown")
    signed_in.keyboard.press("ArrowDown")
    chosen = signed_in.locator("[role=option][aria-selected=true]")
    name = chosen.locator("span").first.inner_text()

    assert signed_in.locator("#find").get_attribute("aria-activedescendant") == chosen.get_attribute("id")
    assert "found" in signed_in.locator("#live").inner_text()
    signed_in.keyboard.press("Enter")
    signed_in.get_by_role("heading", name=name, level=1).wait_for()


def test_search_escape_closes_the_list(signed_in):
    signed_in.goto("/jobs/")
    signed_in.keyboard.press("F2")
    signed_in.keyboard.type("Mary")
    signed_in.get_by_role("option").first.wait_for()
    signed_in.keyboard.press("Escape")

    assert signed_in.locator("#find-list").is_hidden()
    assert signed_in.locator("#find").get_attribute("aria-expanded") == "false"


def test_table_rows_by_arrows_open_with_enter(signed_in):
    signed_in.goto("/jobs/")
    for key in ("ArrowDown", "ArrowDown", "ArrowDown", "ArrowUp"):
        signed_in.keyboard.press(key)
    href = signed_in.evaluate("document.activeElement.dataset.href")
    signed_in.keyboard.press("Enter")
    signed_in.wait_for_url(f"**{href}")

    assert href == signed_in.evaluate("location.pathname")
    signed_in.keyboard.press("Escape")
    signed_in.wait_for_url("**/jobs/")


def test_keys_of_the_page_are_listed_and_can_be_switched_off(signed_in):
    signed_in.goto("/jobs/add/")
    signed_in.keyboard.press("Shift+F1")
    dialog = signed_in.get_by_role("dialog")

    assert [row.split() for row in dialog.locator("#keys-own tr").all_inner_texts()] == [
        ["F2", "Search"],
        ["F8", "Save"],
    ]
    shoot(signed_in, "keys")
    dialog.get_by_label("Use function keys").uncheck()
    signed_in.keyboard.press("Escape")
    signed_in.keyboard.press("F2")
    assert signed_in.evaluate("document.activeElement.id") != "find"
    signed_in.evaluate("localStorage.clear()")


def test_form_pressed_twice_is_sent_once(signed_in):
    before = Job.objects.count()
    signed_in.goto("/jobs/add/")
    signed_in.get_by_label("Amount").fill("١٥٠٠")
    signed_in.locator("main form").evaluate("(form) => { form.requestSubmit(); form.requestSubmit(); }")
    signed_in.get_by_text("Added.").wait_for()

    assert Job.objects.count() == before + 1
    assert Job.objects.latest("id").amount_minor == 1500


def test_enter_that_ends_a_composition_does_not_submit(signed_in):
    signed_in.goto("/jobs/add/")
    signed_in.get_by_label("List").focus()
    signed_in.evaluate(
        """() => { const node = document.activeElement;
        node.dispatchEvent(new CompositionEvent("compositionstart", { bubbles: true })); }"""
    )
    signed_in.keyboard.press("Enter")

    assert signed_in.locator(".wrong-summary").count() == 0
    assert signed_in.evaluate("location.pathname") == "/jobs/add/"


def test_job_panel_moves_and_stops_at_the_end(signed_in):
    (job,) = write_jobs(1, key="moving", state="RUNNING", done_units=0, total_units=100, title="Moving")
    signed_in.goto(f"/jobs/{job.pk}/")
    Job.objects.filter(pk=job.pk).update(done_units=50)
    signed_in.locator("progress[value='50']").wait_for()
    signed_in.locator("#live", has_text="50 per cent").wait_for(state="attached")
    Job.objects.filter(pk=job.pk).update(state="DONE")
    signed_in.locator(".job.DONE").wait_for()

    assert signed_in.title().startswith("100 % · Moving")
    assert signed_in.locator(".job").get_attribute("hx-get") is None


def test_job_button_works_by_htmx_and_offers_the_way_back(signed_in):
    (job,) = write_jobs(1, key="paused", state="RUNNING", title="To be paused")
    signed_in.goto(f"/jobs/{job.pk}/")
    signed_in.get_by_role("button", name="Pause").click()
    signed_in.locator(".undo").wait_for()
    shoot(signed_in, "undo")

    assert Job.objects.get(pk=job.pk).state == "PAUSED"


def test_theme_is_kept_on_the_next_page(signed_in):
    signed_in.goto("/jobs/")
    signed_in.locator("summary", has_text="English").click()
    signed_in.get_by_role("button", name="Dark").click()
    signed_in.goto(f"/jobs/{a_done_job().pk}/")
    shoot(signed_in, "dark")

    assert signed_in.evaluate("document.documentElement.dataset.theme") == "dark"
    assert signed_in.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(20, 24, 29)"


def test_language_is_switched_without_script_words(signed_in):
    signed_in.goto("/jobs/?state=DONE")
    signed_in.locator("summary", has_text="English").click()
    signed_in.get_by_role("button", name="العربية").click()
    signed_in.wait_for_url("**/jobs/?state=DONE")

    assert signed_in.evaluate("document.documentElement.lang") == "ar"


@pytest.mark.parametrize("width", [320, 1366])
def test_page_does_not_scroll_sideways(signed_in, width):
    signed_in.set_viewport_size({"width": width, "height": 700})
    for address in ("/jobs/", f"/jobs/{a_done_job().pk}/", "/jobs/add/"):
        signed_in.goto(address)
        shoot(signed_in, f"narrow-{width}-{address.strip('/').replace('/', '-')}")
        assert signed_in.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("language", ["hy", "ar"])
def test_first_visit_is_within_its_budget(signed_in, browser_context, live_server, language):
    speak(browser_context, language, live_server)
    bodies = []
    signed_in.on("response", lambda response: bodies.append((response.url, len(response.body()))))
    signed_in.goto("/jobs/", wait_until="networkidle")

    with translation.override(language):
        heavy = sorted(bodies, key=lambda body: -body[1])[:5]
    assert sum(size for _, size in bodies) <= 300_000, heavy
