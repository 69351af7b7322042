"""Whole bills of anything: lines, taxes, invoice, run and books say the same, whatever the decimals of the currency."""

import itertools
from collections.abc import Sequence
from decimal import Decimal

import pytest
from django.db.models import Sum
from django.test import override_settings
from hypothesis import given, settings, strategies as st

from billing_site.ledger.balances import balance_of
from billing_site.ledger.models import LedgerEntry, LedgerPosting
from invoicing.models import BillRun, Invoice, InvoiceLine, InvoiceTax
from subscribers.models import Account
from subscribers.operations.accounts import give_discount
from tests.factories.invoicing import FEBRUARY, bill_cycle, invoice_of, make_usage_total
from tests.factories.subscribers import make_account, make_cycle, make_line
from tests.factories.tariffs import make_bill_item, make_discount, make_plan

ITEMS = ("CALLS", "TEXTS", "DATA")
COLUMNS = ("net_minor", "tax_minor", "gross_minor")
FEES = st.decimals(min_value=0, max_value=9999, places=2)
USAGE = st.lists(st.integers(-(10**9), 10**12), min_size=1, max_size=len(ITEMS))
_codes = itertools.count(1)


def billed(fee: Decimal, usages: Sequence[Sequence[int]], *, percent: int) -> tuple[Invoice, BillRun]:
    """Bill one account with a line for every list of amounts, and a discount."""
    serial = next(_codes)
    code = f"WHOLE-{serial}"
    cycle = make_cycle(code=code, open_from=FEBRUARY)
    account, plan = make_account(cycle=cycle), make_plan(fee=fee)
    lines = [make_line(account=account, plan=plan) for _ in usages]
    for line, amounts in zip(lines, usages, strict=True):
        for item, amount_micro in zip(ITEMS, amounts, strict=False):
            make_usage_total(line, amount_micro=amount_micro, item_code=make_bill_item(code=item).code)
    if percent:
        discount = make_discount(code=code, percent=Decimal(percent), position=100 + serial)
        give_discount(account_id=account.pk, discount_id=discount.pk, from_on=FEBRUARY, actor=None)
    run = bill_cycle(cycle)
    return invoice_of(lines[0], run=run), run


def sums(rows, *columns: str) -> tuple[int, ...]:
    found = rows.aggregate(**{column: Sum(column) for column in columns})
    return tuple(found[column] or 0 for column in columns)


@pytest.mark.django_db
@settings(max_examples=12, deadline=None)
@given(
    digits=st.sampled_from([0, 2, 3]),
    fee=FEES,
    usages=st.lists(USAGE, min_size=1, max_size=3),
    percent=st.sampled_from([0, 7, 100]),
)
def test_bill_of_anything_adds_up_to_the_books(digits, fee, usages, percent):
    with override_settings(SALDO_CURRENCY_DIGITS=digits):
        invoice, run = billed(fee, usages, percent=percent)

    of_invoice = (invoice.net_minor, invoice.tax_minor, invoice.gross_minor)
    assert sums(InvoiceLine.objects.filter(invoice_id=invoice.pk), *COLUMNS) == of_invoice
    assert sums(InvoiceTax.objects.filter(invoice_id=invoice.pk), *COLUMNS[:2]) == of_invoice[:2]
    assert (run.net_minor, run.tax_minor, run.gross_minor, run.posted_gross_minor) == (*of_invoice, of_invoice[2])
    owing = run_account(invoice)
    entry = LedgerEntry.objects.filter(source_type="INVOICE", source_id=invoice.number)
    pairs = LedgerPosting.objects.filter(entry__in=entry)
    debited = sums(pairs.filter(debit_id=owing), "amount_minor")[0]
    credited = sums(pairs.filter(credit_id=owing), "amount_minor")[0]
    assert debited - credited == balance_of(owing) == invoice.gross_minor
    taxes = pairs.filter(credit__code__startswith="TAX:"), pairs.filter(debit__code__startswith="TAX:")
    assert sums(taxes[0], "amount_minor")[0] - sums(taxes[1], "amount_minor")[0] == invoice.tax_minor


def run_account(invoice: Invoice) -> int:
    """Return the account of the books that owes the bill."""
    return Account.objects.get(pk=invoice.account_id).ledger_account_id
