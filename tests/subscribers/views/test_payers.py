"""Payers, exemptions, discounts and customer groups, from the account's card and the pages of groups."""

from datetime import date
from decimal import Decimal
from io import BytesIO

import pytest
from django.urls import reverse
from openpyxl import load_workbook

from subscribers.models import AccountDiscount, AccountPayer, CustomerGroup, CustomerGroupMember, TaxExemption
from tariffs.operations.discounts import create_discount
from tests.factories.account_rules import exempt, make_group, make_reverse_charge
from tests.factories.subscribers import make_account
from tests.factories.tariffs import make_bill_item, make_discount, make_tax_category
from tests.web.wrapped import assert_numbers_wrapped

MARCH = date(2026, 3, 1)
pytestmark = pytest.mark.django_db


def panel_of(client, account_id: int) -> str:
    page: str = client.get(reverse("subscribers:payers-panel", args=[account_id])).content.decode()
    assert_numbers_wrapped(page)
    return page


def test_specialist_lets_a_firm_pay_for_a_person_and_ends_it(client, specialist, ani):
    client.force_login(specialist)
    account, firm = ani.line.account, make_account(name="Quay Ltd")
    card = reverse("console:account", args=[account.pk])
    assert reverse("subscribers:payers-panel", args=[account.pk]) in client.get(card).content.decode()
    url = reverse("subscribers:appoint-payer", args=[account.pk])
    given = {"payer": firm.number, "bill_items": [make_bill_item().pk], "percent": "40", "from_on": "2026-03-01"}

    assert client.post(url, given).url == card

    held = AccountPayer.objects.get()
    assert (held.payer, held.percent, held.during.lower) == (firm, Decimal(40), MARCH)
    page = panel_of(client, account.pk)
    assert firm.number in page
    assert account.number in panel_of(client, firm.pk)
    refused = client.post(reverse("subscribers:appoint-payer", args=[firm.pk]), {**given, "payer": account.number})
    assert refused.status_code == 422
    assert "who pays is not paid for" in refused.content.decode()
    assert client.post(url, {**given, "payer": "123"}).status_code == 422
    end = reverse("subscribers:dismiss-payer", args=[held.pk])
    assert end in page
    client.post(end, {"until_on": "2026-04-01"})
    assert AccountPayer.objects.get().during.upper == date(2026, 4, 1)


def test_exemption_is_recorded_by_one_and_approved_by_another(client, specialist, approver, ani):
    account_id = ani.line.account_id
    client.force_login(specialist)
    given = {
        "category": make_tax_category().pk,
        "instead": make_reverse_charge().pk,
        "certificate": "AE-9",
        "from_on": "2026-03-01",
    }
    client.post(reverse("subscribers:record-exemption", args=[account_id]), given)
    exemption = TaxExemption.objects.get()
    approve = reverse("subscribers:approve-exemption", args=[exemption.pk])
    assert approve not in panel_of(client, account_id)
    assert client.post(approve).status_code == 403

    client.force_login(approver)
    assert approve in panel_of(client, account_id)
    assert "AE-9" in client.get(approve).content.decode()
    client.post(approve)

    assert TaxExemption.objects.get().approved_by == approver
    client.force_login(specialist)
    client.post(reverse("subscribers:end-exemption", args=[exemption.pk]), {"until_on": "2026-05-01"})
    assert TaxExemption.objects.get().during.upper == date(2026, 5, 1)


def test_discount_is_given_from_the_card_but_none_by_volume(client, specialist, ani):
    client.force_login(specialist)
    account_id = ani.line.account_id
    volume = create_discount(
        code="V", names={"en": "V"}, bill_item_codes=[], position=9, steps=[(Decimal(1), Decimal(5))], actor=None
    )
    flat = create_discount(
        code="F", names={"en": "Flat"}, bill_item_codes=[], position=8, amount=Decimal(250), actor=None
    )
    url = reverse("subscribers:give-discount", args=[account_id])
    assert client.post(url, {"discount": volume.pk, "from_on": "2026-03-01"}).status_code == 422

    client.post(url, {"discount": flat.pk, "from_on": "2026-03-01"})

    assert AccountDiscount.objects.get(discount=flat).account_id == account_id
    assert "250" in client.get(reverse("console:account", args=[account_id])).content.decode()
    end = reverse("subscribers:end-discount", args=[AccountDiscount.objects.get(discount=flat).pk])
    assert end in panel_of(client, account_id)
    client.post(end, {"until_on": "2026-05-01"})
    assert AccountDiscount.objects.get(discount=flat).during.upper == date(2026, 5, 1)
    assert client.post(end, {"until_on": "2026-05-01"}).status_code == 422


def test_group_is_made_joined_given_a_discount_and_exported(client, specialist, ani):
    client.force_login(specialist)
    made = client.post(
        reverse("subscribers:create-customer-group"), {"code": "MIN", "kind": "MINISTRY", "name_en": "Ministry"}
    )
    group = CustomerGroup.objects.get()
    page_url = reverse("subscribers:customer-group", args=[group.pk])
    assert made.url == page_url
    join = reverse("subscribers:join-customer-group", args=[ani.line.account_id])
    client.post(join, {"group": group.pk, "from_on": "2026-03-01"})
    discount = make_discount()
    give = reverse("subscribers:give-group-discount", args=[group.pk])
    client.post(give, {"discount": discount.pk, "from_on": "2026-03-01"})

    page = client.get(page_url).content.decode()
    assert ani.line.account.number in page
    assert "Tenth" in page
    assert_numbers_wrapped(page)
    end = reverse("subscribers:end-group-discount", args=[group.discounts.get().pk])
    assert end in page
    client.post(end, {"until_on": "2026-05-01"})
    assert client.post(end, {"until_on": "2026-05-01"}).status_code == 422
    assert group.discounts.get().during.upper == date(2026, 5, 1)
    everything = client.get(reverse("subscribers:customer-groups")).content.decode()
    assert page_url in everything
    assert_numbers_wrapped(everything)
    for url in (page_url, reverse("subscribers:customer-groups")):
        response = client.get(url, {"export": "xlsx"})
        content = b"".join(response.streaming_content) if response.streaming else response.content
        assert load_workbook(BytesIO(content)).worksheets
    member = CustomerGroupMember.objects.get()
    client.post(reverse("subscribers:leave-customer-group", args=[member.pk]), {"until_on": "2026-04-01"})
    assert CustomerGroupMember.objects.get().during.upper == date(2026, 4, 1)


def test_card_shows_exemptions_and_groups_of_an_account(client, clerk, ani):
    exempt(ani.line.account, from_on=MARCH)
    group = make_group()
    client.force_login(clerk)

    page = panel_of(client, ani.line.account_id)

    assert "AE-2026/7" in page
    assert "Give a discount" not in page
    assert client.get(reverse("subscribers:customer-group", args=[group.pk])).status_code == 200


def test_pages_of_what_is_not_there_are_not_found_and_closed_to_a_stranger(client, specialist, stranger):
    names = ("payers-panel", "appoint-payer", "dismiss-payer", "record-exemption", "end-exemption", "give-discount")
    more = (
        "join-customer-group",
        "leave-customer-group",
        "customer-group",
        "give-group-discount",
        "end-discount",
        "end-group-discount",
    )
    urls = [reverse(f"subscribers:{name}", args=[99]) for name in (*names, *more)]
    client.force_login(specialist)
    assert {client.get(url).status_code for url in urls} == {404}
    client.force_login(stranger)
    urls += [reverse("subscribers:customer-groups"), reverse("subscribers:approve-exemption", args=[99])]
    assert {client.get(url).status_code for url in urls} == {403}


def test_number_in_the_tax_register_is_kept_of_companies_and_stands_on_the_card(client, specialist, clerk, ani):
    """The rule of the country refuses; people have none; who may not arrange paying may not change it."""
    company = make_account(name="Quay Ltd", kind="COMPANY")
    url = reverse("subscribers:set-tax-number", args=[company.pk])
    client.force_login(specialist)
    assert 'value="AM"' in client.get(url).content.decode()

    assert client.post(url, {"country": "AM", "number": "123"}).status_code == 422
    assert client.post(url, {"country": "AM", "number": "0123 4567"}).url == reverse(
        "console:account", args=[company.pk]
    )

    company.subscriber.refresh_from_db()
    assert company.subscriber.tax_id == "AM01234567"
    assert "AM01234567" in panel_of(client, company.pk)
    person = reverse("subscribers:set-tax-number", args=[ani.line.account_id])
    assert client.post(person, {"country": "AM", "number": "01234567"}).status_code == 422
    assert person not in panel_of(client, ani.line.account_id)
    client.force_login(clerk)
    assert client.post(url, {"country": "AM", "number": ""}).status_code == 403
    company.subscriber.refresh_from_db()
    assert company.subscriber.tax_id == "AM01234567"
