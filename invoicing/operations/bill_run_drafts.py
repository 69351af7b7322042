"""Drafts of bills: an account's bill from what was read, and bills as rows."""

import logging
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import chain
from typing import Any, TypeVar

from django.db import connection

from billing_site.core.errors import BillingError
from billing_site.core.messages import Message, gettext_noop
from billing_site.core.money import RoundingMode, micro_per_minor
from billing_site.core.periods import DatePeriod
from billing_site.db.copying import copy_text
from billing_site.db.transactions import transaction_required
from invoicing.domain.bill_bounds import bounds_from
from invoicing.domain.bill_items import LineKind, UsageTotal
from invoicing.domain.bills import bill
from invoicing.domain.closing import round_to_cash
from invoicing.domain.tax import ExemptTable
from invoicing.models import BillRun, ContractBilling, ParkedAccount
from invoicing.operations.charged_rows import write_carried, write_charged
from invoicing.operations.invoice_rows import INVOICE_COLUMNS, NOTHING_TOLD, TAX_COLUMNS, Draft, RowWriter
from invoicing.queries.account_scopes import Scope
from invoicing.queries.bill_inputs import (
    AccountRow,
    ChunkInputs,
    ChunkScope,
    CorrectionRow,
    UsageRow,
    correction_items,
    usage_items,
    with_tax,
)
from invoicing.queries.odd_bills import find_odd_bills
from invoicing.queries.reference import Reference

R = TypeVar("R", UsageRow, CorrectionRow)

logger = logging.getLogger(__name__)

NOTHING_TO_BILL = "NOTHING_TO_BILL"
OTHER_CURRENCY = "OTHER_CURRENCY"
UNKNOWN_ITEM = "UNKNOWN_ITEM"
DEFECT = "DEFECT"
OLD_USAGE = "OLD_USAGE"
NOT_IN_LIST = gettext_noop("Not in the run's price list: %(what)s")
BROKEN = gettext_noop("The system could not go on: %(error)s")
KEPT_OTHERWISE = gettext_noop("The account is kept in %(currency)s, the run in %(wanted)s.")
CONTRACT_KINDS = frozenset({LineKind.BONUS, LineKind.LEAVING_FEE})


@dataclass(slots=True)
class Calculated:
    """What came of the accounts of a chunk."""

    drafts: list[Draft] = field(default_factory=list)
    parked: list[ParkedAccount] = field(default_factory=list)
    skipped: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Terms:
    """What the bills of a chunk share, looked up once."""

    currency: str
    digits: int
    start_on: date
    until_on: date
    bill_day: int
    rounding: RoundingMode
    reference: Reference
    may_include_tax: bool
    usage_may_include_tax: bool


def scope_of(
    run: BillRun,
    *,
    first_id: int,
    last_id: int,
    behind_from: date | None = None,
    usage_from: date | None = None,
    only: Sequence[int] | None = None,
) -> ChunkScope:
    """
    Return what is read for accounts between two ids, or for some of them: everything from the run's row.

    :param behind_from: first day of periods before the run's that are charged too; left out: those not billed yet
    :param usage_from: first day of the first bill period whose usage is charged; left out: all that is not billed
    """
    return ChunkScope(
        cycle_id=run.cycle_id,
        bill_day=run.cycle.bill_day,
        months=run.cycle.months,
        first_account_id=first_id,
        last_account_id=last_id,
        period=DatePeriod(run.period_from, run.period_until),
        issued_on=run.issued_on,
        usage_through=run.usage_through,
        ledger_through=run.ledger_through,
        ledger_after=run.ledger_after,
        ledger_after_of_runs=[(pk, through) for pk, through in run.reference.get("ledger_after_of_runs", ())],
        behind_from=behind_from,
        usage_from=usage_from,
        only=only,
    )


def calculate_accounts(
    *, run: BillRun, inputs: ChunkInputs, reference: Reference, scope: Scope, defers: bool = True
) -> Calculated:
    """
    Make the bills of the accounts in scope; nothing is written.

    :param defers: leave out accounts that pay for others, and those paid for: their bills are made together, once all
        pieces of the run are calculated. Else each is made as if it paid for itself, and the caller settles them.
    """
    result = Calculated()
    terms = _terms_of(run, inputs, reference)
    deferred = inputs.deferred if defers else frozenset()
    for account in inputs.accounts:
        key = account.account_id
        if scope.chosen is not None and key not in scope.chosen:
            continue
        if key in scope.left:
            result.skipped[scope.left[key]] += 1
        elif key not in deferred:
            _bill_account(result, run, account, inputs, terms)
    return result


def _bill_account(result: Calculated, run: BillRun, account: AccountRow, inputs: ChunkInputs, terms: _Terms) -> None:
    """Add what comes of one account: a bill, nothing, or a reason to set it aside."""
    try:
        draft = _draft_of(account, inputs, terms)
    except BillingError as error:
        _park(
            result,
            run,
            account,
            reason=error.code or DEFECT,
            why=Message(msgid=str(error.template), params=error.context),
        )
    except KeyError as error:
        _park(result, run, account, reason=UNKNOWN_ITEM, why=Message(msgid=NOT_IN_LIST, params={"what": str(error)}))
    except Exception as error:
        logger.exception("Account %s cannot be billed", account.number)
        why = Message(msgid=BROKEN, params={"error": f"{type(error).__name__}: {error}"})
        _park(result, run, account, reason=DEFECT, why=why)
    else:
        if draft is None:
            result.skipped[NOTHING_TO_BILL] += 1
        else:
            result.drafts.append(draft)


def set_odd_bills_aside(*, run: BillRun, result: Calculated) -> None:
    """
    Take the bills outside the bounds of their category out of the drafts, and set their accounts aside; and those that
    charge usage older than the run says.
    """
    _set_old_usage_aside(run, result)
    bounds = bounds_from(run.reference.get("bounds", {}))
    if not bounds:
        return
    amounts = {draft.account.account_id: draft.bill.gross_minor for draft in result.drafts}
    faults = find_odd_bills(amounts=amounts, bounds=bounds, before=run.period_from)
    if faults:
        result.drafts = [draft for draft in result.drafts if draft.account.account_id not in faults]
        result.parked += [
            ParkedAccount(
                run=run,
                account_id=account,
                reason=odd.fault.value,
                gross_minor=odd.gross_minor,
                usual_minor=odd.usual_minor,
            )
            for account, odd in faults.items()
        ]


def _set_old_usage_aside(run: BillRun, result: Calculated) -> None:
    days = run.reference.get("usage_max_age_days")
    if not days:
        return
    oldest = run.issued_on - timedelta(days=days)
    old = [draft for draft in result.drafts if draft.usage and min(row.bill_period for row in draft.usage) < oldest]
    if old:
        accounts = {draft.account.account_id for draft in old}
        result.drafts = [draft for draft in result.drafts if draft.account.account_id not in accounts]
        result.parked += [
            ParkedAccount(
                run=run, account_id=draft.account.account_id, reason=OLD_USAGE, gross_minor=draft.bill.gross_minor
            )
            for draft in old
        ]


def _terms_of(run: BillRun, inputs: ChunkInputs, reference: Reference) -> _Terms:
    return _Terms(
        currency=run.currency,
        digits=run.currency_digits,
        start_on=run.period_from,
        until_on=run.period_until,
        bill_day=run.cycle.bill_day,
        rounding=RoundingMode(run.rounding_mode),
        reference=reference,
        may_include_tax=bool(reference.plans_with_tax),
        usage_may_include_tax=bool(inputs.tax_in_prices),
    )


def _draft_of(account: AccountRow, inputs: ChunkInputs, terms: _Terms) -> Draft | None:
    """Return the bill of an account, or ``None`` where there is nothing to bill."""
    key = account.account_id
    recurring, one_offs, usage = inputs.recurring.get(key), inputs.one_offs.get(key), inputs.usage.get(key)
    corrections, contract_charges = inputs.corrections.get(key), inputs.contract_charges.get(key)
    if not (recurring or one_offs or usage or corrections or contract_charges) and (
        key not in inputs.commitments and key not in inputs.paying
    ):
        return None
    if account.currency != terms.currency:
        raise BillingError(
            KEPT_OTHERWISE, code=OTHER_CURRENCY, context={"currency": account.currency, "wanted": terms.currency}
        )
    reference, exemptions = terms.reference, inputs.exemptions.get(key, ())
    made = bill(
        account_id=key,
        start_on=terms.start_on,
        until_on=terms.until_on,
        digits=terms.digits,
        tax_table=ExemptTable(reference.tax_table, exemptions) if exemptions else reference.tax_table,
        recurring=recurring or (),
        one_offs=one_offs or (),
        usage=_totals(usage_items, usage, inputs, terms) if usage else (),
        corrections=_totals(correction_items, corrections, inputs, terms) if corrections else (),
        discounts=inputs.discounts.get(key, ()),
        earlier_discounts=inputs.earlier_discounts.get(key, ()),
        promotions=inputs.promotions.get(key, ()),
        commitments=inputs.commitments.get(key, ()),
        contract_charges=contract_charges or (),
        periods=inputs.periods,
        rounding=terms.rounding,
        may_include_tax=terms.may_include_tax,
    )
    if reference.cash_unit is not None:
        unit = micro_per_minor(digits=terms.digits)
        made = round_to_cash(made, reference.cash_unit, start_on=terms.start_on, until_on=terms.until_on, unit=unit)
    return Draft(account, made, usage or (), corrections or (), exemptions, told=inputs.told.get(key, NOTHING_TOLD))


def _totals(
    items: Callable[..., list[UsageTotal]], rows: Sequence[R], inputs: ChunkInputs, terms: _Terms
) -> list[UsageTotal]:
    """Return totals as items of the bill core, marked where their prices include tax."""
    found = items(rows=rows, bill_day=terms.bill_day, tax_category_of=terms.reference.tax_category_of)
    return with_tax(found, inputs.tax_in_prices) if terms.usage_may_include_tax else found


def _park(result: Calculated, run: BillRun, account: AccountRow, *, reason: str, why: Message) -> None:
    result.parked.append(ParkedAccount(run=run, account_id=account.account_id, reason=reason[:64], **detail_of(why)))


def detail_of(why: Message) -> dict[str, Any]:
    """Return a sentence as the row of an account that is set aside keeps it: in English, and to be translated."""
    plain = {name: value if isinstance(value, int) else str(value)[:1000] for name, value in why.params.items()}
    return {"detail": str(why)[:2000], "told": {"msgid": why.msgid, "params": plain}}


@transaction_required
def write_drafts(run: BillRun, inputs: ChunkInputs, drafts: Sequence[Draft]) -> list[int]:
    """Write bills as drafts of a run, and return their ids in the same order."""
    # Where prices may include tax, lines tell which did.
    writer = RowWriter(run, inputs.number_of, marks_tax=bool(run.reference.get("plans_with_tax")))
    ids = reserve_invoice_ids(len(drafts))
    copy_text(table="invoicing_invoice", columns=INVOICE_COLUMNS, lines=map(writer.invoice, ids, drafts))
    write_charged(ids=ids, drafts=drafts, inputs=inputs)
    lines, taxes = map(writer.lines, ids, drafts), map(writer.taxes, ids, drafts)
    copy_text(table="invoicing_invoiceline", columns=writer.line_columns, lines=chain.from_iterable(lines))
    copy_text(table="invoicing_invoicetax", columns=TAX_COLUMNS, lines=chain.from_iterable(taxes))
    write_carried(ids=ids, drafts=drafts, inputs=inputs)
    # The database refuses what another invoice has billed: the chunk is then done again from what is left.
    ContractBilling.objects.bulk_create(
        ContractBilling(contract_id=line.source_id or 0, kind=line.kind.value, invoice_id=invoice_id, n=line.position)
        for invoice_id, draft in zip(ids, drafts, strict=True)
        if draft.bill.reasons
        for line in draft.bill.lines
        if line.kind in CONTRACT_KINDS
    )
    return ids


def reserve_invoice_ids(count: int) -> list[int]:
    """Take ids for invoices that are about to be written, in order."""
    if not count:
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            # The name of the sequence is looked up once, not once a row.
            "SELECT nextval(s.name) FROM (SELECT pg_get_serial_sequence('invoicing_invoice', 'id')::regclass AS name"
            " OFFSET 0) s, generate_series(1, %s)",
            [count],
        )
        return [int(row[0]) for row in cursor.fetchall()]
