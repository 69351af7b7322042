"""The browser fixtures: the site is reached, and nothing else."""

from django.urls import reverse


def test_page_of_the_site_is_shown_with_its_styles(page):
    page.goto(reverse("identity:sign-in"))

    assert page.locator("h1").count() == 1
    assert page.evaluate("document.styleSheets.length") >= 1


def test_request_that_leaves_the_site_is_stopped_and_told(page, browser_faults):
    page.set_content("<img src='http://example.invalid/pixel.png'>")
    page.wait_for_load_state("networkidle")

    assert "request to example.invalid" in browser_faults
    browser_faults.clear()


def test_script_that_fails_is_told(page, browser_faults):
    with page.context.expect_event("weberror"):
        page.evaluate("setTimeout(() => { throw new Error('broken') })")

    assert any("broken" in fault for fault in browser_faults)
    browser_faults.clear()


def test_error_that_belongs_to_the_story_is_allowed(page, live_server, allowed_console_errors, browser_faults):
    allowed_console_errors.append(r"404.*no-such-page")

    page.goto(f"{live_server.url}/no-such-page/")

    assert len(browser_faults) == 1
