"""Plans on screens: screens 15 to 17, each by who may."""

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from tariffs.models import Plan, PlanVersion, Price, Rate
from tariffs.operations.calendars import NewWindow, create_window_scheme
from tests.factories.tariffs import (
    make_bill_item,
    make_draft,
    make_plan,
    make_scheme,
    make_zone,
    prove,
    publish,
    submit,
)
from tests.web.wrapped import assert_numbers_wrapped

CASES = Path(__file__).parents[4] / "shared" / "cases" / "call-rating.json"
APRIL = date(2026, 4, 1)
NOW = datetime(2026, 3, 5, 6, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def files_root(settings, tmp_path):
    settings.SALDO_FILES_ROOT = tmp_path / "files"


def url(name: str, number: int) -> str:
    return reverse(f"tariffs:{name}", args=[number])


def form_of(version: PlanVersion, **changes: object) -> dict[str, object]:
    return {
        "seen_revision": version.revision,
        "shown_windows": "",
        "valid_from": "2026-04-01",
        "window_scheme": version.window_scheme_id,
        "currency": "AMD",
        "rounding_mode": "HALF_UP",
        "rounding_places": 2,
        "prices": "FEE-FIXED\t1200\t\t\tADVANCE\t3\tNO_REFUND\tTHIRTY_DAYS\t50\tMonthly fee\tԱմսավճար",
        "rates": "LOCAL\t6\nFAR\t12; 9.5@180\t\t1\t2.50",
        "allowances": "",
        **changes,
    }


@pytest.fixture
def draft(specialist) -> PlanVersion:
    make_zone(code="FAR", prefixes=["44"])
    return make_draft(plan=make_plan(code="CITY"), valid_from=APRIL, price=Decimal(7), maker=specialist)


def test_every_page_of_a_plan_shows_it(client, specialist, draft):
    client.force_login(specialist)
    prove(draft, actor=specialist)
    for name, number in (
        ("plan", draft.plan_id),
        ("plan-version", draft.pk),
        ("plan-version-rates", draft.pk),
        ("edit-plan-version", draft.pk),
        ("set-test-calls", draft.pk),
        ("copy-plan-version", draft.pk),
        ("submit-plan-version", draft.pk),
        ("load-rate-deck", draft.pk),
        ("draft-plan-version", draft.plan_id),
    ):
        page = client.get(url(name, number))
        assert page.status_code == 200, name
        assert_numbers_wrapped(page.content.decode())
    panel = client.get(reverse("rating:test-calls", args=[draft.pk]), headers={"hx-request": "true"}).content.decode()
    assert "<html" not in panel
    assert "Price over duration" in panel


def test_list_says_what_each_plan_is_today(client, specialist, draft):
    """Screen 15: in force, drafts, subscriptions on each."""
    client.force_login(specialist)

    page = client.get(reverse("tariffs:plans")).content.decode()

    assert "In force" in page
    assert client.get(reverse("tariffs:plans"), {"standing": "DRAFT"}).content.decode().count("<tr data-href") == 1
    assert client.get(reverse("tariffs:plans"), {"standing": "RETIRED"}).content.decode().count("<tr data-href") == 0


@pytest.mark.parametrize("plans", [1, 3])
def test_list_asks_the_same_questions_however_many_plans(client, specialist, plans, django_assert_num_queries):
    for _ in range(plans):
        make_plan()
    client.force_login(specialist)
    # A process that has just begun asks once more, for the clock.
    client.get(reverse("tariffs:plans"))

    with django_assert_num_queries(6):
        client.get(reverse("tariffs:plans"))


def test_specialist_makes_a_plan_without_a_programmer(client, specialist):
    """000-09, 004-14: a plan with its rent, zones in peak and off-peak, from nothing, on screens."""
    make_zone(prefixes=["99910"])
    make_bill_item(code="FEE-FIXED")
    client.force_login(specialist)
    client.post(reverse("tariffs:create-plan"), {"code": "NEW", "kind": "FIXED", "name_en": "New", "name_ar": "جديد"})
    plan = Plan.objects.get(code="NEW")

    values = {"valid_from": "2026-04-01", "window_scheme": make_scheme().pk, "currency": "AMD", "rounding_places": 2}
    tables = {"rounding_mode": "HALF_UP", "prices": "FEE-FIXED\t900", "rates": "LOCAL\t5", "seen_revision": 0}
    client.post(url("draft-plan-version", plan.pk), {**values, **tables})

    assert plan.names == {"en": "New", "ar": "جديد"}
    version = PlanVersion.objects.get(plan=plan)
    assert (version.state, version.created_by) == ("DRAFT", specialist)
    assert Rate.objects.get(plan_version=version).code == "LOCAL"


def test_editor_saves_what_was_pasted(client, specialist, draft):
    client.force_login(specialist)

    answer = client.post(url("edit-plan-version", draft.pk), form_of(draft))

    assert answer.status_code == 302, answer.content.decode()
    far = Rate.objects.get(plan_version=draft, zone__code="FAR")
    assert list(far.steps.order_by("from_units").values_list("price", "increment_units")) == [
        (Decimal(12), 1),
        (Decimal("9.5"), 1),
    ]
    assert far.connect_fee == Decimal("2.5")
    fee = Price.objects.get(plan_version=draft)
    assert (fee.timing, fee.months, fee.end_proration, fee.change_proration, fee.suspended_percent) == (
        "ADVANCE", 3, "NO_REFUND", "THIRTY_DAYS", 50,
    )  # fmt: skip
    draft.refresh_from_db()
    assert (draft.revision, draft.changed_by) == (1, specialist)


@pytest.mark.parametrize(
    ("rates", "place", "says"),
    [
        ("LOCAL\t5\nFAR\t1O", 'row <bdi dir="ltr" class="num">2</bdi>, column', "write digits only"),
        ("LOCAL\t015", "column", "is a mark lost?"),
        ("LOCAL\t1,234", "column", "can mean two amounts"),
        ("LOCAL\t1.1234567", "column", "more than six decimals"),
        ("NOWHERE\t5", "column", "There is no zone with the code"),
        ("LOCAL\t5\nLOCAL\t6", "column", "already"),
        ("LOCAL", "column", "no price in any window"),
    ],
)
def test_wrong_cell_is_named_in_place_and_nothing_is_saved(client, draft, rates, place, says):
    """Scenario 10: a cell error is named in place."""
    client.force_login(draft.created_by)

    answer = client.post(url("edit-plan-version", draft.pk), form_of(draft, rates=rates))

    page = answer.content.decode()
    assert answer.status_code == 422
    assert place in page
    assert says in page
    assert_numbers_wrapped(page)
    draft.refresh_from_db()
    assert draft.revision == 0
    assert Rate.objects.get(plan_version=draft).steps.get().price == Decimal(7)


def test_second_of_two_people_is_told_to_reload(client, specialist, draft):
    """Reliability 3b row 7, on the screen."""
    client.force_login(specialist)
    stale = form_of(draft, rates="LOCAL\t8")
    client.post(url("edit-plan-version", draft.pk), form_of(draft))

    answer = client.post(url("edit-plan-version", draft.pk), stale)

    assert "moved on" in answer.content.decode()
    assert Rate.objects.filter(plan_version=draft).count() == 2


def test_examples_are_typed_run_and_seen(client, specialist, draft):
    """000-10, 004-15: the check screen prices a list of test calls and shows expected and got."""
    make_zone(prefixes=["99910"])
    client.force_login(specialist)
    calls = "+99910555555\t2026-04-01 10:00\t61\t14\nzone:LOCAL\t01.04.2026 10:00\t60\t6.50"
    client.post(url("set-test-calls", draft.pk), {"seen_revision": 0, "calls": calls})
    client.post(reverse("rating:run-test-calls", args=[draft.pk]))

    page = client.get(reverse("rating:test-calls", args=[draft.pk])).content.decode()

    assert list(draft.test_calls.order_by("position").values_list("result", flat=True)) == ["GREEN", "RED"]
    assert "zone" in page
    assert "begins with" in page
    assert_numbers_wrapped(page)
    answer = client.post(url("submit-plan-version", draft.pk), follow=True).content.decode()
    assert "stand in the way" in answer
    draft.refresh_from_db()
    assert draft.is_draft


def test_maker_cannot_approve_on_the_screen_and_another_can(client, specialist, approver, draft):
    submit(draft, actor=specialist)
    client.force_login(specialist)
    assert client.post(url("publish-plan-version", draft.pk)).status_code == 403
    assert "A second person approves it." in client.get(url("plan-version", draft.pk)).content.decode()

    client.force_login(approver)
    client.post(url("publish-plan-version", draft.pk))

    draft.refresh_from_db()
    assert (draft.state, draft.approved_by) == ("PUBLISHED", approver)


def test_rejected_version_says_why_to_its_maker(client, specialist, approver, draft):
    submit(draft, actor=specialist)
    client.force_login(approver)
    client.post(url("reject-plan-version", draft.pk), {"reason": "Too dear at night"})

    client.force_login(specialist)
    assert "Too dear at night" in client.get(url("plan-version", draft.pk)).content.decode()


def test_diff_says_was_becomes_and_percent(client, specialist, draft):
    client.force_login(specialist)

    page = client.get(url("plan-version", draft.pk)).content.decode()

    assert "What changes against version" in page
    assert ">40<" in page


def test_copied_version_opens_in_the_editor(client, specialist):
    version = publish(make_draft(plan=make_plan(is_published=False), maker=specialist))
    client.force_login(specialist)

    answer = client.post(url("copy-plan-version", version.pk), {"valid_from": "2026-05-01"})

    copy = PlanVersion.objects.get(plan=version.plan, number=2)
    assert answer.headers["Location"] == url("edit-plan-version", copy.pk)
    assert copy.test_calls.count() == version.test_calls.count() == 1


@pytest.mark.parametrize("name", ["plans", "create-plan"])
def test_pages_are_closed_to_who_has_no_verb(client, clerk, name):
    client.force_login(clerk)
    assert client.get(reverse(f"tariffs:{name}")).status_code == 403


def test_another_scheme_refits_the_table_before_it_counts(client, specialist, draft):
    windows = [
        NewWindow(code=code, names={}, weekdays=(1, 2, 3, 4, 5, 6, 7), opens_at_minute=minute)
        for code, minute in (("DAY", 480), ("NIGHT", 1200))
    ]
    scheme = create_window_scheme(code="DAYS", names={"en": "Days"}, windows=windows, actor=None)
    client.force_login(specialist)

    answer = client.post(
        url("edit-plan-version", draft.pk), form_of(draft, window_scheme=scheme.pk, rates="LOCAL\t5\t30")
    )

    assert answer.status_code == 422
    assert "look at it again" in answer.content.decode()
    assert "LOCAL\t5\t\t\t30" in answer.content.decode()


@pytest.mark.skipif(not CASES.exists(), reason="the worked cases lie beside the checkout")
def test_worked_cases_of_a_file_become_examples_and_what_is_no_case_is_refused(client, specialist, draft):
    """004-15: examples from files of the shared form; bad files are said and change nothing."""
    client.force_login(specialist)
    examples = url("set-test-calls", draft.pk)
    for content in (b"{}", b"\xff\xfe", b'{"schema": "telecom-billing-cases/1", "cases": []}', b"[" * 100_000):
        bad = SimpleUploadedFile("cases.json", content)
        assert client.post(examples, {"seen_revision": 0, "calls": "", "cases": bad}).status_code == 422
    assert not draft.test_calls.exists()

    file = SimpleUploadedFile("call-rating.json", CASES.read_bytes())
    answer = client.post(examples, {"seen_revision": 0, "calls": "zone:LOCAL\t2026-04-01 10:00\t60\t7", "cases": file})

    assert answer.status_code == 302, answer.content.decode()
    taken = draft.test_calls.order_by("position")
    assert taken.count() > 20
    assert (taken[0].expected_micro, taken[1].note) == (7_000_000, next(iter_calls(CASES)))
    client.post(reverse("rating:run-test-calls", args=[draft.pk]))
    assert {"GREEN", "RED"} == set(taken.values_list("result", flat=True))
    client.post(url("submit-plan-version", draft.pk))
    draft.refresh_from_db()
    assert draft.is_draft


def iter_calls(path: Path) -> Iterator[str]:
    """Yield the names of the cases of a file that say what one call costs, in the major unit."""
    for case in json.loads(path.read_text("utf-8"))["cases"]:
        event = case.get("event") or {}
        if case["kind"] == "call_rating" and event.get("called") and not event.get("continuation"):
            yield case["id"]
