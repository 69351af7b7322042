"""What only some accounts have, made by the house's own operations: exemptions, payers, groups, providers."""

from datetime import date
from decimal import Decimal

from billing_site.identity.models import User
from billing_site.identity.roles import Role
from subscribers.models import Account, CustomerGroup, TaxExemption
from subscribers.operations.customer_groups import create_customer_group, join_customer_group
from subscribers.operations.exemptions import approve_exemption, record_exemption
from tariffs.models import BillItem, Provider, TaxCategory
from tariffs.operations.bill_items import create_bill_item, create_tax_category, set_tax_rate
from tariffs.operations.providers import assign_provider, create_provider
from tests.factories.identity import make_staff
from tests.factories.tariffs import LONG_AGO, PUBLISHED_AT, any_approver, make_tax_category

FEBRUARY = date(2026, 2, 1)


def recorder() -> User:
    return User.objects.filter(username="recorder").first() or make_staff(Role.BILLING_SPECIALIST, username="recorder")


def make_reverse_charge() -> TaxCategory:
    found = TaxCategory.objects.filter(code="REVERSE").first()
    if found is not None:
        return found
    category = create_tax_category(
        code="REVERSE",
        names={"en": "Reverse charge"},
        treatment="AE",
        reason_code="VATEX-EU-AE",
        actor=None,
    )
    set_tax_rate(category_code="REVERSE", percent=Decimal(0), valid_from=LONG_AGO, actor=None)
    return category


def exempt(account: Account, *, from_on: date = FEBRUARY, is_approved: bool = True) -> TaxExemption:
    exemption = record_exemption(
        account_id=account.pk,
        category_id=make_tax_category().pk,
        instead_id=make_reverse_charge().pk,
        certificate="AE-2026/7",
        from_on=from_on,
        actor=recorder(),
    )
    if not is_approved:
        return exemption
    return approve_exemption(exemption_id=exemption.pk, approved_at=PUBLISHED_AT, actor=any_approver())


def make_group(*accounts: Account, code: str = "TELCO") -> CustomerGroup:
    group = create_customer_group(code=code, kind="FIRM", names={"en": "Telco and daughters"}, actor=None)
    for account in accounts:
        join_customer_group(account_id=account.pk, group_id=group.pk, from_on=FEBRUARY, actor=None)
    return group


def make_provider(*, item: str = "PREMIUM-TV", percent: Decimal = Decimal(10)) -> tuple[Provider, BillItem]:
    """A provider with one bill item of a tax of its own."""
    make_tax_category(code="REDUCED", percent=percent)
    bill_item = create_bill_item(
        code=item, kind="OTHER", names={"en": "Films"}, tax_category_code="REDUCED", actor=None
    )
    provider = create_provider(code="FILMS", names={"en": "Films Ltd"}, actor=None)
    assign_provider(provider_id=provider.pk, bill_item_codes=[item], actor=None)
    return provider, bill_item
