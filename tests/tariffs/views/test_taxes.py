"""Categories of tax on screens: made with a first rate, given another from a day on, used by bill items."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from psycopg2.extras import DateRange

from billing_site.audit.models import AuditEntry
from billing_site.db.constraints import violated_constraint
from billing_site.ledger.closing import close_through
from tariffs.models import BillItem, TaxCategory, TaxRate
from tests.web.wrapped import assert_numbers_wrapped

pytestmark = pytest.mark.django_db
JANUARY = date(2026, 1, 1)
GIVEN = {
    "code": "REDUCED", "name_en": "Reduced", "name_hy": "Նվազեցված", "name_ru": "Пониженная", "name_zh": "减税",
    "name_ar": "مخفضة", "treatment": "S", "percent": "٧,5", "valid_from": "2026-01-01",
}  # fmt: skip


@pytest.fixture
def category(client, specialist) -> TaxCategory:
    client.force_login(specialist)
    answer = client.post(reverse("tariffs:create-tax-category"), GIVEN)
    assert answer.status_code == 302, answer.content.decode()
    return TaxCategory.objects.get()


def rates() -> list[tuple[Decimal, date | None, date | None]]:
    return [(one.percent, one.during.lower, one.during.upper) for one in TaxRate.objects.order_by("during")]


def test_category_is_made_listed_changed_from_a_day_and_used_by_a_bill_item(client, specialist, category):
    """Its names in five languages, its rates with dates, each act in the journal."""
    assert category.names == {"en": "Reduced", "hy": "Նվազեցված", "ru": "Пониженная", "zh-hans": "减税", "ar": "مخفضة"}
    client.post(reverse("tariffs:set-tax-rate", args=[category.pk]), {"percent": "9", "valid_from": "2099-04-01"})

    assert rates() == [
        (Decimal("7.5"), date(2026, 1, 1), date(2099, 4, 1)),
        (Decimal(9), date(2099, 4, 1), None),
    ]
    page = client.get(reverse("tariffs:tax-categories")).content.decode()
    assert all(figure in page for figure in (">7.5", ">9<", "2099")), page
    one = client.get(reverse("tariffs:tax-rates", args=[category.pk])).content.decode()
    for shown in (page, one):
        assert_numbers_wrapped(shown)
    assert client.get(reverse("tariffs:tax-categories"), {"export": "xlsx"}).getvalue()[:2] == b"PK"
    acts = AuditEntry.objects.filter(action__contains="tax").order_by("pk").values_list("action", flat=True)
    assert list(acts) == ["tariffs.create_tax_category", "tariffs.set_tax_rate"]
    item = {"code": "BOOKS", "name_en": "Books", "kind": "OTHER", "tax_category": category.pk, "position": 10}
    client.post(reverse("tariffs:create-bill-item"), item)
    assert BillItem.objects.get().tax_category == category


@pytest.mark.parametrize(
    ("percent", "valid_from", "says"),
    [
        ("8", "2026-01-01", "choose a later day"),
        ("101", "2026-05-01", "is no percentage"),
        ("1.2345", "2026-05-01", "decimals"),
        ("8", "2026-02-10", "The books are closed through"),
    ],
)
def test_rate_that_cannot_be_is_said_and_nothing_is_written(client, category, percent, valid_from, says):
    if says.startswith("The books"):
        close_books(through=date(2026, 2, 28))
    address = reverse("tariffs:set-tax-rate", args=[category.pk])

    answer = client.post(address, {"percent": percent, "valid_from": valid_from})

    assert answer.status_code == 422
    assert says in answer.content.decode()
    assert rates() == [(Decimal("7.5"), date(2026, 1, 1), None)]


def test_what_is_not_taxed_has_no_rate_above_nothing(client, category):
    wrong = {**GIVEN, "code": "ABROAD", "treatment": "AE", "reason_code": "VATEX-EU-AE"}

    assert client.post(reverse("tariffs:create-tax-category"), wrong).status_code == 422
    assert client.post(reverse("tariffs:create-tax-category"), {**wrong, "percent": "0"}).status_code == 302

    assert list(TaxRate.objects.values_list("category__code", "percent")) == [
        ("REDUCED", Decimal("7.5")),
        ("ABROAD", Decimal(0)),
    ]
    abroad = TaxCategory.objects.get(code="ABROAD")
    address = reverse("tariffs:set-tax-rate", args=[abroad.pk])
    assert client.post(address, {"percent": "5", "valid_from": "2026-06-01"}).status_code == 422
    assert TaxRate.objects.count() == 2


def test_code_is_taken_once_and_the_pages_are_closed_to_who_makes_no_prices(client, category, approver):
    assert client.post(reverse("tariffs:create-tax-category"), GIVEN).status_code == 422
    assert client.get(reverse("tariffs:set-tax-rate", args=[category.pk + 1])).status_code == 404
    assert TaxCategory.objects.count() == 1
    client.force_login(approver)
    assert client.get(reverse("tariffs:tax-categories")).status_code == 200
    for name, ids in (("create-tax-category", []), ("set-tax-rate", [category.pk])):
        assert client.get(reverse(f"tariffs:{name}", args=ids)).status_code == 403


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("tariffs_taxrate_at_most_all", lambda: rate(percent=Decimal("100.5"))),
        ("tariffs_taxrate_one_at_a_time", lambda: rate(first=date(2026, 6, 1))),
        ("tariffs_taxrate_in_open_books", lambda: rate(first=date(2025, 1, 1), until=date(2026, 1, 1))),
        ("tariffs_taxrate_in_open_books", lambda: TaxRate.objects.update(during=DateRange(JANUARY, date(2026, 2, 1)))),
        ("tariffs_taxrate_stays", lambda: TaxRate.objects.update(percent=9)),
        ("tariffs_taxrate_stays", lambda: TaxRate.objects.update(during=DateRange(date(2026, 1, 2), None))),
        ("tariffs_taxrate_stays", lambda: TaxRate.objects.all().delete()),
        ("tariffs_taxrate_of_treatment", lambda: rate(of=other(treatment="E"), percent=Decimal(1))),
        ("tariffs_taxcategory_in_use", lambda: TaxCategory.objects.update(treatment="E")),
        ("tariffs_taxcategory_in_use", lambda: TaxCategory.objects.update(code="OTHER")),
        ("tariffs_taxcategory_treatment_is_known", lambda: other(treatment="?")),
    ],
)
def test_database_refuses_what_no_operation_does(category, name, change):
    """The wall behind the operations: what was said of tax stays said, whoever writes."""
    close_books(through=date(2026, 2, 28))
    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        change()
    assert violated_constraint(refused.value) == name
    assert rates() == [(Decimal("7.5"), JANUARY, None)]
    assert list(TaxCategory.objects.values_list("code", "treatment")) == [("REDUCED", "S")]


def other(*, treatment: str) -> TaxCategory:
    return TaxCategory.objects.create(code="ABROAD", names={"en": "Abroad"}, treatment=treatment)


def rate(
    *,
    of: TaxCategory | None = None,
    percent: Decimal = Decimal(8),
    first: date = date(2099, 1, 1),
    until: date | None = None,
) -> TaxRate:
    category = of or TaxCategory.objects.get()
    return TaxRate.objects.create(category=category, percent=percent, during=DateRange(first, until))


def close_books(*, through: date) -> None:
    with transaction.atomic():
        close_through(through=through, today=date(2026, 3, 5))
