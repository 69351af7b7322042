"""Pages of call lists: masked by default, whole numbers by a right, a reason and a written line (D12, 001-17)."""

from datetime import timedelta

import pytest
from django.urls import reverse

from billing_site.audit.models import AuditEntry
from billing_site.core import clock
from billing_site.identity.roles import Role
from rating.models import CallListOrder, NumberDisclosure, RatedUsage
from rating.operations.number_disclosures import (
    DisclosureIsOver,
    DisclosureNeedsReason,
    reveal_numbers,
    show_whole_numbers,
)
from tests.factories.identity import make_staff
from tests.factories.records import Call, every_minute, make_records
from tests.web.wrapped import assert_numbers_wrapped

DAYS = {"first": "2026-03-01", "last": "2026-03-31"}
WHOLE, MASKED = "+999 10 555 123", "+999 10 555 XXX"


@pytest.fixture(autouse=True)
def files_root(settings, tmp_path):
    settings.SALDO_FILES_ROOT = tmp_path / "files"


@pytest.fixture
def calls(ani):
    make_records(
        [
            Call(line=ani.line),
            Call(line=ani.line, revision=1, key=1, micro=-5_000_000, seconds=-60),
            Call(line=ani.line, revision=2, key=1, micro=4_000_000, is_late=True),
        ]
    )


def pages_of(ani) -> dict[str, str]:
    record = RatedUsage.objects.filter(revision=0).get()
    return {
        "line": reverse("rating:subscription-records", args=[ani.line.pk]),
        "account": reverse("rating:account-calls", args=[ani.account.pk]),
        "bill line": reverse("rating:line-records", args=[ani.line.pk, "2026-03-01", record.bill_item_id]),
        "record": reverse("rating:record", args=[ani.line.pk, 1_772_532_000_000_000, "1", 0]),
    }


def test_numbers_are_masked_on_every_page_of_calls(client, specialist, ani, calls):
    client.force_login(specialist)
    for name, url in pages_of(ani).items():
        page = client.get(url, DAYS)
        text = page.content.decode()
        assert page.status_code == 200, name
        assert MASKED in text, name
        assert "555123" not in text.replace(" ", ""), name
        assert_numbers_wrapped(text)


def test_page_says_what_is_corrected_and_adds_up(client, specialist, ani, calls):
    """Screens 21: corrections (revision > 0) are shown as such; sums of the filter."""
    client.force_login(specialist)
    page = client.get(pages_of(ani)["line"], DAYS)
    text = page.content.decode()

    assert "Taken back" in text
    assert "Corrected" in text
    assert (page.context["sums"].record_count, page.context["sums"].amount_micro) == (3, 4_000_000)
    only = client.get(pages_of(ani)["line"], {**DAYS, "only_corrections": "on"})
    assert only.context["sums"].record_count == 2


def test_reasons_of_a_correction_say_what_it_takes_back(client, specialist, ani, calls):
    """Screen 22 works for every revision."""
    client.force_login(specialist)
    url = pages_of(ani)["record"].removesuffix("0/")
    taken_back, corrected = (client.get(f"{url}{revision}/") for revision in (1, 2))

    assert taken_back.context["subject"].agrees
    assert "It takes back the rating before it" in taken_back.content.decode()
    assert "Corrected" in corrected.content.decode()
    assert_numbers_wrapped(taken_back.content.decode())


def test_whole_numbers_need_a_right_a_reason_and_the_password(client, ani, calls):
    password = "a long enough secret"
    supervisor = make_staff(Role.CENTRE_SUPERVISOR, username="boss", password=password)
    client.force_login(supervisor)
    url = reverse("rating:reveal-numbers", args=[ani.account.pk])
    for form in ({"reason": "", "password": password}, {"reason": "a dispute", "password": "wrong"}):
        assert client.post(url, form).status_code == 422
    assert not NumberDisclosure.objects.exists()

    assert client.post(url, {"reason": "a dispute", "password": password}).status_code == 302
    pages = pages_of(ani)
    for name in ("line", "account"):
        assert WHOLE in client.get(pages[name], DAYS).content.decode(), name
    acts = AuditEntry.objects.filter(action="rating.show_whole_numbers", actor=supervisor)
    assert [act.changes["reason"] for act in acts] == ["a dispute", "a dispute"]
    client.post(reverse("rating:hide-numbers", args=[ani.account.pk]))
    assert WHOLE not in client.get(pages["line"], DAYS).content.decode()
    assert acts.count() == 2


def test_whole_numbers_are_refused_to_who_has_no_right(client, clerk, specialist, ani, calls):
    """D12: neither a clerk nor a disclosure of another person opens them."""
    reveal_numbers(account_id=ani.account.pk, reason="x", at=clock.now(), actor=specialist)
    client.force_login(clerk)

    assert client.get(reverse("rating:reveal-numbers", args=[ani.account.pk])).status_code == 403
    assert WHOLE not in client.get(pages_of(ani)["line"], DAYS).content.decode()
    assert not AuditEntry.objects.filter(action="rating.show_whole_numbers").exists()


def test_disclosure_ends_by_itself(supervisor, ani):
    now = clock.now()
    with pytest.raises(DisclosureNeedsReason):
        reveal_numbers(account_id=ani.account.pk, reason=" ", at=now, actor=supervisor)
    assert not NumberDisclosure.objects.exists()
    reveal_numbers(account_id=ani.account.pk, reason="a dispute", at=now, actor=supervisor)

    show_whole_numbers(account_id=ani.account.pk, page="/x", at=now + timedelta(minutes=14), actor=supervisor)
    with pytest.raises(DisclosureIsOver):
        show_whole_numbers(account_id=ani.account.pk, page="/x", at=now + timedelta(minutes=16), actor=supervisor)
    assert AuditEntry.objects.filter(action="rating.show_whole_numbers").count() == 1


def test_workbook_of_a_list_is_ordered_with_its_filter_and_downloaded(client, clerk, ani, calls):
    """001-17: the page returns at once; the file comes from a worker."""
    client.force_login(clerk)
    asked = client.get(pages_of(ani)["line"], {**DAYS, "only_late": "on", "export": "xlsx"})
    form = client.get(asked["Location"]).context["form"]
    assert form["only_late"].value()
    assert form["first"].value().isoformat() == "2026-03-01"
    sent = {**DAYS, "only_late": "on", "file_kind": "WORKBOOK", "delivery": "DOWNLOAD", "language": "hy"}
    done = client.post(asked["Location"], sent)
    order = CallListOrder.objects.get()

    assert (order.subscription_id, order.criteria["only_late"], order.language) == (ani.line.pk, True, "hy")
    page = client.get(done["Location"])
    assert page.context["panel"].is_live
    assert_numbers_wrapped(page.content.decode())
    assert client.get(reverse("rating:download-call-list", args=[order.pk])).status_code == 409
    assert (
        reverse("rating:call-list-order", args=[order.pk])
        in client.get(reverse("rating:call-list-orders")).content.decode()
    )


def test_list_costs_few_queries_however_long_it_is(client, specialist, ani, django_assert_num_queries):
    make_records(every_minute(ani.line, 120))
    client.force_login(specialist)
    url = reverse("rating:subscription-records", args=[ani.line.pk])
    client.get(url, DAYS)
    with django_assert_num_queries(10):
        client.get(url, DAYS)
