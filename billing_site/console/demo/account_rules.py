"""Accounts of the demo with rules of their own: a payer, an exemption, a customer group, a minimum to be approved."""

from decimal import Decimal

from billing_site.console.demo.customers import STORY_KEYS
from billing_site.console.demo.debts import LATE_CYCLE
from billing_site.console.demo.places import staff
from billing_site.console.demo.scale import MONTH_START, PRICES_SINCE, moment
from billing_site.console.demo.words import five
from subscribers.models import Account, AccountPayer, CustomerGroup, Subscriber, TaxExemption
from subscribers.operations.customer_groups import create_customer_group, give_group_discount, join_customer_group
from subscribers.operations.exemptions import approve_exemption, record_exemption
from subscribers.operations.payers import appoint_payer
from subscribers.operations.subscribers import set_tax_number
from tariffs.models import Discount, MinimumCommitment, TaxCategory
from tariffs.operations.bill_items import create_tax_category, set_tax_rate
from tariffs.operations.commitments import draft_commitment
from tariffs.operations.discounts import create_discount

REVERSE, GROUP, OFF, LEAST = "REVERSE", "SEVAN-MINISTRY", "GROUP-200", "CITY-LEAST"
CERTIFICATE = "ՀՎՀՀ 01234567"
TAX_NUMBERS = ("01234567", "00987654")
# After the stories, in the order of accounts: who pays, who is paid for, who is exempted, who is in the group.
PAYER, PAID_FOR, EXEMPTED, MEMBERS = 2, 3, 4, (5, 6, 7)


def arrange_accounts() -> None:
    """Arrange what is missing of it."""
    # Debtors come later, in a cycle of their own: arranged a second time, the same accounts are meant.
    active = Account.objects.filter(state=Account.State.ACTIVE).exclude(cycle__code=LATE_CYCLE)
    accounts = list(active.order_by("pk")[len(STORY_KEYS) :][:12])
    if len(accounts) <= max(MEMBERS):
        return
    _let_pay(accounts[PAYER], accounts[PAID_FOR])
    _exempt(accounts[EXEMPTED])
    _group([accounts[place] for place in MEMBERS])
    _register()
    if not MinimumCommitment.objects.filter(code=LEAST).exists():
        draft_commitment(
            code=LEAST,
            names=five("At least 1,000", "Առնվազն 1000", "Не менее 1000", "最低1000", "1000 على الأقل"),
            amount=Decimal(1000),
            bill_item_code="CONTRACTS",
            plan_code="CITY-200",
            counted_item_codes=["CALLS-LOCAL", "CALLS-MOBILE", "CALLS-INTL"],
            valid_from=PRICES_SINCE,
            actor=staff("specialist"),
        )


def _let_pay(payer: Account, account: Account) -> None:
    if not AccountPayer.objects.exists():
        appoint_payer(account_id=account.pk, payer_id=payer.pk, from_on=MONTH_START, actor=staff("specialist"))


def _register() -> None:
    """Give two companies their numbers in the tax register."""
    if Subscriber.objects.exclude(tax_id="").exists():
        return
    companies = Subscriber.objects.filter(kind=Subscriber.Kind.COMPANY).order_by("pk")
    for company, number in zip(companies[: len(TAX_NUMBERS)], TAX_NUMBERS, strict=False):
        set_tax_number(subscriber_id=company.pk, country="AM", number=number, actor=staff("specialist"))


def _exempt(account: Account) -> None:
    if not TaxCategory.objects.filter(code=REVERSE).exists():
        names = five("Reverse charge", "Հակադարձ հարկում", "Обратное начисление", "反向征税", "احتساب عكسي")
        create_tax_category(
            code=REVERSE, names=names, treatment="AE", reason_code="VATEX-EU-AE", actor=staff("specialist")
        )
        set_tax_rate(category_code=REVERSE, percent=Decimal(0), valid_from=PRICES_SINCE, actor=staff("specialist"))
    if TaxExemption.objects.exists():
        return
    usual = TaxCategory.objects.exclude(code=REVERSE).order_by("pk").first()
    if usual is not None:
        exemption = record_exemption(
            account_id=account.pk,
            category_id=usual.pk,
            instead_id=TaxCategory.objects.get(code=REVERSE).pk,
            certificate=CERTIFICATE,
            from_on=MONTH_START,
            actor=staff("specialist"),
        )
        approved_at = moment(MONTH_START, 9)
        approve_exemption(exemption_id=exemption.pk, approved_at=approved_at, actor=staff("approver"))


def _group(accounts: list[Account]) -> None:
    if CustomerGroup.objects.exists():
        return
    names = five(
        "Ministry of Waters", "Ջրային տնտեսության նախարարություն", "Министерство вод", "水利部", "وزارة المياه"
    )
    group = create_customer_group(code=GROUP, kind="MINISTRY", names=names, actor=staff("specialist"))
    for account in accounts:
        join_customer_group(account_id=account.pk, group_id=group.pk, from_on=MONTH_START, actor=staff("specialist"))
    last = Discount.objects.order_by("-position").values_list("position", flat=True).first()
    discount = create_discount(
        code=OFF,
        names=five("200 off", "200-ի զեղչ", "Скидка 200", "减200", "خصم 200"),
        amount=Decimal(200),
        bill_item_codes=[],
        position=(last or 0) + 10,
        actor=staff("specialist"),
    )
    give_group_discount(group_id=group.pk, discount_id=discount.pk, from_on=MONTH_START, actor=staff("specialist"))
