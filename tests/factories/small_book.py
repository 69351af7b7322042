"""A whole small book, consistent to the last digit: two accounts from call to payment. Faults are planted into it."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from django.db import connection, transaction
from psycopg2.extras import DateRange, DateTimeTZRange

from billing_site.audit.recording import record
from billing_site.core.checkdigits import with_check_digit
from billing_site.db.copying import copy_rows
from billing_site.documents.files import store_file
from billing_site.documents.numbering import take_numbers
from billing_site.identity.models import Department, ServiceCentre, User
from billing_site.jobs.models import Job, WorkItem
from billing_site.ledger.models import LedgerAccount
from billing_site.ledger.posting import NewEntry, Pair, open_accounts, post_entries, reverse_entry
from billing_site.ledger.sealing import seal_books
from invoicing.models import BillRun, BillRunChunk, CreditNote, CreditReason, Invoice
from invoicing.operations.credit_notes import propose_credit_note
from invoicing.operations.disputes import DisputeOf, answer_dispute, open_dispute
from invoicing.operations.letters import NewLetter
from payments.models import Payment, TerminalNetwork
from payments.operations.payments import receive_payment
from rating.models import AllowanceBucket, LineProposal, SetAsideLine, UsageFile, UsageSource, UsageTotal
from reconciliation.models import Discrepancy, TerminalCheck, TerminalRegister
from subscribers.models import (
    Account,
    BillCycle,
    NumberAssignment,
    NumberRange,
    PhoneNumber,
    Subscriber,
    Subscription,
    SubscriptionPlan,
)
from tariffs.models import (
    Allowance,
    BillItem,
    Plan,
    PlanVersion,
    Rate,
    RateStep,
    TaxCategory,
    TaxRate,
    UsageCategory,
    UsageCategoryItem,
    WindowScheme,
    Zone,
)

PERIOD = date(2026, 2, 1)
UNTIL = date(2026, 3, 1)
POSTED_ON = date(2026, 3, 2)
DAY = date(2026, 2, 10)
PAID_AT = datetime(2026, 3, 4, 8, 0, tzinfo=UTC)
AMD = "AMD"
# Per account: usage in millionths (its two records), its net on the bill, the fee, and the tax of 20 % on both.
USAGE_MICRO = (40_400_000, 20_300_000)
USAGE_NET, FEE_NET, TAX = 61, 1000, 212
GROSS = USAGE_NET + FEE_NET + TAX


@dataclass(frozen=True, slots=True, kw_only=True)
class SmallBook:
    """Ids of what is in the book; the first of the two where there are two."""

    account_id: int
    other_account_id: int
    subscription_id: int
    other_subscription_id: int
    ledger_account_id: int
    file_id: int
    run_id: int
    invoice_id: int
    other_invoice_id: int
    credit_note_id: int
    draft_id: int
    invoice_number: str
    entry_id: int
    payment_id: int
    register_id: int
    check_id: int
    bill_item_id: int
    usage_item_id: int
    accountant_id: int
    partition: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Prices:
    plan: Plan
    version: PlanVersion
    rate: Rate
    allowance: Allowance
    zone: Zone
    fee: BillItem
    usage: BillItem
    tax: TaxCategory


def make_small_book(*, prefix: str = "9991012") -> SmallBook:
    """Make it with everything committed; ``prefix`` begins its numbers."""
    specialist = User.objects.create_user(username="book-specialist", password=None, role="BILLING_SPECIALIST")
    approver = User.objects.create_user(username="book-approver", password=None, role="TARIFF_APPROVER")
    accountant = User.objects.create_user(username="book-accountant", password=None, role="ACCOUNTANT")
    with transaction.atomic():
        prices = _prices(specialist, approver)
        lines = [_line(n, prices, prefix) for n in (1, 2)]
        file = _usage(lines, prices)
        _quarantine(file, lines[0], specialist, approver)
        run, invoices, entries = _bill(lines, prices, specialist, approver)
        draft = _draft(lines[0], run)
    _disputes(invoices[1], specialist)
    credit_note = _credit_note(invoices[1], specialist)
    payment, register, check = _money(lines)
    with transaction.atomic():
        reverse_entry(
            entry_id=_correction(lines[1]), posted_on=POSTED_ON, actor="book-accountant", reason="typed twice"
        )
        job = Job.objects.create(kind="rating.rate_usage", title="Rating", state=Job.State.DONE, started_by="system")
        WorkItem.objects.create(kind="rating.rate_spool", key="1", job=job, state=WorkItem.State.DONE)
    seal_books(sealed_on=date(2026, 3, 5))
    return SmallBook(
        account_id=lines[0].account_id,
        other_account_id=lines[1].account_id,
        subscription_id=lines[0].pk,
        other_subscription_id=lines[1].pk,
        ledger_account_id=lines[0].account.ledger_account_id,
        file_id=file.pk,
        run_id=run.pk,
        invoice_id=invoices[0].pk,
        other_invoice_id=invoices[1].pk,
        credit_note_id=credit_note.pk,
        draft_id=draft.pk,
        invoice_number=str(invoices[0].number),
        entry_id=entries[0],
        payment_id=payment.pk,
        register_id=register.pk,
        check_id=check.pk,
        bill_item_id=prices.fee.pk,
        usage_item_id=prices.usage.pk,
        accountant_id=accountant.pk,
        partition=f"rating_ratedusage_{DAY:%Y%m%d}",
    )


def _prices(maker: User, approver: User) -> _Prices:
    tax = TaxCategory.objects.create(code="STANDARD", names={"en": "Standard"})
    TaxRate.objects.create(category=tax, during=DateRange(date(2020, 1, 1), None), percent=Decimal(20))
    fee = BillItem.objects.create(code="FEE", kind="MOBILE", names={"en": "Fee"}, tax_category=tax)
    usage = BillItem.objects.create(code="CALLS", kind="MOBILE", names={"en": "Calls"}, tax_category=tax)
    category = UsageCategory.objects.create(code="LOCAL", names={"en": "Local"})
    UsageCategoryItem.objects.create(category=category, bill_item=usage, during=DateRange(None, None))
    zone = Zone.objects.create(code="LOCAL", names={"en": "Local"}, usage_category=category)
    plan = Plan.objects.create(code="BOOK", kind="MOBILE", names={"en": "Book"})
    version = PlanVersion.objects.create(
        plan=plan,
        number=1,
        during=DateRange(date(2026, 1, 1), None),
        currency=AMD,
        window_scheme=WindowScheme.objects.create(code="ALWAYS", names={"en": "Always"}),
        created_by=maker,
        approved_by=approver,
    )
    rate = Rate.objects.create(plan_version=version, code="LOCAL", zone=zone)
    RateStep.objects.create(rate=rate, price=Decimal("20.3"))
    allowance = Allowance.objects.create(plan_version=version, code="MIN", unit="SECONDS", quantity=600)
    for state in ("SUBMITTED", "PUBLISHED"):
        PlanVersion.objects.filter(pk=version.pk).update(state=state)
    return _Prices(plan=plan, version=version, rate=rate, allowance=allowance, zone=zone, fee=fee, usage=usage, tax=tax)


def _line(n: int, prices: _Prices, prefix: str) -> Subscription:
    department, _ = Department.objects.get_or_create(code="BD", defaults={"names": {"en": "North"}})
    centre, _ = ServiceCentre.objects.get_or_create(
        code="BC", department=department, defaults={"names": {"en": "Hall"}}
    )
    cycle, _ = BillCycle.objects.get_or_create(code="BOOK", defaults={"open_from": UNTIL})
    number = with_check_digit(f"7700000{n}")
    book = open_accounts(codes=[f"SUB:{number}"], kind=LedgerAccount.Kind.SUBSCRIBER, currency=AMD)
    account = Account.objects.create(
        number=number,
        subscriber=Subscriber.objects.create(kind="PERSON", name=f"Ani {n}", search_key=f"ani {n}", language="hy"),
        centre=centre,
        cycle=cycle,
        currency=AMD,
        ledger_account_id=book[f"SUB:{number}"],
        opened_on=date(2026, 1, 1),
    )
    line = Subscription.objects.create(account=account, kind="MOBILE", state="ACTIVE", active_from=date(2026, 1, 1))
    SubscriptionPlan.objects.create(subscription=line, plan=prices.plan, during=DateRange(date(2026, 1, 1), None))
    stock, _ = NumberRange.objects.get_or_create(
        first=f"{prefix}0000", last=f"{prefix}0999", area="10", use="MOBILE", department=department
    )
    phone = f"{prefix}000{n}"
    PhoneNumber.objects.create(number=phone, range=stock, state="ASSIGNED")
    held = DateTimeTZRange(datetime(2026, 1, 1, tzinfo=UTC), None)
    NumberAssignment.objects.create(number=phone, subscription=line, during=held)
    return line


def _usage(lines: list[Subscription], prices: _Prices) -> UsageFile:
    with connection.cursor() as cursor:
        cursor.execute("SELECT rating_make_partition(%s)", [DAY])
    source = UsageSource.objects.create(code="BOOK", name="Exchange", dialect="MAPPED_CSV", time_zone="Asia/Yerevan")
    content = store_file(b"the file of the small book")
    file = UsageFile.objects.create(source=source, name="book.csv", content=content, own_day=DAY)
    records = [_record(line, prices, file.pk, n) for line in lines for n in (1, 2)]
    columns = tuple(records[0])
    copy_rows(table="rating_ratedusage", columns=columns, rows=(tuple(record.values()) for record in records))
    for line in lines:
        UsageTotal.objects.create(
            subscription_id=line.pk,
            bill_period=PERIOD,
            bill_item_id=prices.usage.pk,
            account_id=line.account_id,
            record_count=2,
            duration_seconds=180,
            charged_units=180,
            allowance_units=30,
            amount_micro=sum(USAGE_MICRO),
        )
        AllowanceBucket.objects.create(
            holder_kind="S", holder_id=line.pk, allowance_id=prices.allowance.pk, period_start=PERIOD, used_units=30
        )
    for at, outcome in enumerate(("DUPLICATE", "JOINED", "QUARANTINED", "REJECTED"), start=10):
        SetAsideLine.objects.create(file_id=file.pk, line_number=at, outcome=outcome, reason="TEST", raw="x")
    UsageFile.objects.filter(pk=file.pk).update(
        state="CLOSED",
        line_count=9,
        rated_count=4,
        duplicate_count=1,
        joined_count=1,
        quarantined_count=1,
        rejected_count=1,
        written_off_count=1,
        total_seconds=360,
        rated_seconds=360,
        amount_micro=2 * sum(USAGE_MICRO),
    )
    return file


def _quarantine(file: UsageFile, line: Subscription, maker: User, approver: User) -> None:
    """The second record was taken up from quarantine, and one line is written off."""
    SetAsideLine.objects.create(
        file_id=file.pk, line_number=2 * line.pk + 102, outcome="TAKEN_UP", reason="NO_SUBSCRIBER", raw="x"
    )
    proposal = LineProposal.objects.create(
        kind="WRITE_OFF",
        state="APPROVED",
        reason="a test of the exchange",
        line_count=1,
        duration_seconds=0,
        estimate_micro=0,
        proposed_by=maker,
        proposed_at=datetime(2026, 3, 1, tzinfo=UTC),
        decided_by=approver,
        decided_at=datetime(2026, 3, 2, tzinfo=UTC),
    )
    SetAsideLine.objects.create(
        file_id=file.pk, line_number=14, outcome="WRITTEN_OFF", reason="TEST", raw="x", proposal=proposal
    )


def _record(line: Subscription, prices: _Prices, file_id: int, n: int) -> dict[str, object]:
    return {
        "subscription_id": line.pk,
        "start_at": datetime(2026, 2, 10, 10, n, tzinfo=UTC),
        "duplicate_key": n,
        "account_id": line.account_id,
        "file_id": file_id,
        "unit_price_micro": 20_300_000,
        "amount_micro": USAGE_MICRO[n - 1],
        "line_number": 2 * line.pk + n + 100,
        "duration_seconds": 60 * n,
        "zone_id": prices.zone.pk,
        "bill_item_id": prices.usage.pk,
        "plan_version_id": prices.version.pk,
        "rate_id": prices.rate.pk,
        "charged_units": 60 * n,
        "allowance_id": prices.allowance.pk if n == 1 else None,
        "allowance_units": 30 if n == 1 else 0,
        "bill_period": PERIOD,
        "revision": 0,
        "is_late": False,
        "calling": "1",
        "called": "2",
    }


def _bill(
    lines: list[Subscription], prices: _Prices, starter: User, poster: User
) -> tuple[BillRun, list[Invoice], list[int]]:
    run = BillRun.objects.create(
        cycle=lines[0].account.cycle,
        period_from=PERIOD,
        period_until=UNTIL,
        usage_through=PERIOD,
        issued_on=POSTED_ON,
        due_on=POSTED_ON + timedelta(days=20),
        currency=AMD,
        currency_digits=0,
        template_version="1",
        started_by=starter,
    )
    sums = {"account_count": 2, "billed_count": 2, "net_minor": 2 * (USAGE_NET + FEE_NET), "tax_minor": 2 * TAX}
    sums |= {"gross_minor": 2 * GROSS, "posted_count": 2, "posted_gross_minor": 2 * GROSS}
    ends = {"first_account_id": lines[0].account_id, "last_account_id": lines[1].account_id}
    BillRunChunk.objects.create(run=run, n=1, state="POSTED", first_number=1, **ends, **sums)
    numbers = take_numbers(series="INV-2026", prefix="INV-2026-", count=2)
    invoices = [_invoice(line, prices, run, number) for line, number in zip(lines, numbers, strict=True)]
    entries = post_entries([_invoice_entry(line, number) for line, number in zip(lines, numbers, strict=True)])
    BillRun.objects.filter(pk=run.pk).update(state="POSTED", posted_by=poster, **sums)
    record("invoicing.plan_bill_run", actor=starter, subject=run)
    record("invoicing.post_bill_run", actor=poster, subject=run)
    return run, invoices, entries


def _invoice(line: Subscription, prices: _Prices, run: BillRun, number: str) -> Invoice:
    invoice = _draft(line, run, period_from=PERIOD, net_minor=USAGE_NET + FEE_NET, tax_minor=TAX)
    columns = [
        "invoice_id",
        "n",
        "kind",
        "bill_item_id",
        "subscription_id",
        "service",
        "period_from",
        "period_until",
        "net_minor",
        "tax_minor",
        "gross_minor",
        "tax_category_id",
        "tax_percent",
    ]
    fee_tax, usage_tax = 200, TAX - 200
    rows = [
        (1, "RECURRING", prices.fee.pk, FEE_NET, fee_tax),
        (2, "USAGE", prices.usage.pk, USAGE_NET, usage_tax),
    ]
    copy_rows(
        table="invoicing_invoiceline",
        columns=columns,
        rows=[
            (invoice.pk, n, kind, item, line.pk, "", PERIOD, UNTIL, net, tax, net + tax, prices.tax.pk, "20.000")
            for n, kind, item, net, tax in rows
        ],
    )
    copy_rows(
        table="invoicing_invoicetax",
        columns=("invoice_id", "tax_category_id", "tax_percent", "net_minor", "tax_minor"),
        rows=[(invoice.pk, prices.tax.pk, "20.000", USAGE_NET + FEE_NET, TAX)],
    )
    Invoice.objects.filter(pk=invoice.pk).update(state="POSTED", number=number)
    invoice.refresh_from_db()
    return invoice


def _draft(
    line: Subscription, run: BillRun, *, period_from: date = UNTIL, net_minor: int = 0, tax_minor: int = 0
) -> Invoice:
    """A bill not yet posted; without amounts it is one thrown away later, of another run that never was posted."""
    is_other = period_from == UNTIL
    if is_other:
        run = BillRun.objects.create(
            cycle=run.cycle,
            period_from=UNTIL,
            period_until=date(2026, 4, 1),
            usage_through=UNTIL,
            issued_on=date(2026, 4, 2),
            due_on=date(2026, 4, 22),
            currency=AMD,
            currency_digits=0,
            template_version="1",
            state="CALCULATING",
        )
    return Invoice.objects.create(
        run_id=run.pk,
        account_id=line.account_id,
        period_from=period_from,
        period_until=run.period_until,
        issued_on=run.issued_on,
        due_on=run.due_on,
        currency=AMD,
        currency_digits=0,
        language="hy",
        net_minor=net_minor,
        tax_minor=tax_minor,
        gross_minor=net_minor + tax_minor,
    )


def _invoice_entry(line: Subscription, number: str) -> NewEntry:
    revenue = open_accounts(codes=["REVENUE:MOBILE:CALLS"], kind=LedgerAccount.Kind.REVENUE, currency=AMD)
    tax = open_accounts(codes=["TAX:STANDARD"], kind=LedgerAccount.Kind.TAX, currency=AMD)
    debit = line.account.ledger_account_id
    return NewEntry(
        source_type="INVOICE",
        source_id=number,
        posted_on=POSTED_ON,
        actor="book-approver",
        currency=AMD,
        pairs=[
            Pair(debit_id=debit, credit_id=revenue["REVENUE:MOBILE:CALLS"], amount_minor=USAGE_NET + FEE_NET),
            Pair(debit_id=debit, credit_id=tax["TAX:STANDARD"], amount_minor=TAX),
        ],
    )


def _disputes(invoice: Invoice, specialist: User) -> None:
    """One of the fee that was answered, one of the usage that is open."""
    told = {"reason": "NOT_MY_USE", "channel": "PHONE", "text": "", "opened_by": specialist, "at": PAID_AT}
    fee = open_dispute(invoice_id=invoice.pk, lines=[DisputeOf(n=1)], **told)  # type: ignore[arg-type]
    open_dispute(invoice_id=invoice.pk, lines=[DisputeOf(n=2)], **told)  # type: ignore[arg-type]
    answer_dispute(
        dispute_id=fee.pk, accepted={}, text="no", new_due_on=date(2026, 4, 1), answered_by=specialist, at=PAID_AT
    )


def _credit_note(invoice: Invoice, specialist: User) -> CreditNote:
    """Half of the fee, tax included."""
    return propose_credit_note(
        invoice_id=invoice.pk,
        parts={1: 600},
        reason_id=CreditReason.objects.get(code="WRONG_PRICE").pk,
        letter=NewLetter(sender="ACCOUNTING", number="A-1", dated_on=PAID_AT.date()),
        note="half of it",
        actor=specialist,
        at=PAID_AT,
    )


def _correction(line: Subscription) -> int:
    revenue = LedgerAccount.objects.get(code="REVENUE:MOBILE:CALLS")
    pair = Pair(debit_id=line.account.ledger_account_id, credit_id=revenue.pk, amount_minor=7)
    entry = NewEntry(
        source_type="ADJUSTMENT", source_id="1", posted_on=POSTED_ON, actor="x", currency=AMD, pairs=[pair]
    )
    return post_entries([entry])[0]


def _money(lines: list[Subscription]) -> tuple[Payment, TerminalRegister, TerminalCheck]:
    with transaction.atomic():
        clearing = open_accounts(codes=["CLEARING:TERMINAL:book"], kind=LedgerAccount.Kind.CLEARING, currency=AMD)
        network = TerminalNetwork.objects.create(
            code="book", name="Book", secret="s", clearing_account_id=clearing["CLEARING:TERMINAL:book"]
        )
    receipt = receive_payment(
        channel="TERMINAL",
        key="book:1",
        account_number=lines[0].account.number,
        amount=Decimal(1000),
        received_at=PAID_AT,
        network_id=network.pk,
        network_txn_id="1",
    )
    payment = Payment.objects.get(pk=receipt.payment_id)
    with transaction.atomic():
        content = store_file(b"the register of the small book")
        register = TerminalRegister.objects.create(
            network=network, day=PAID_AT.date(), name="book.csv", content=content, line_count=2, amount_minor=1500
        )
        columns = ("register_id", "line_number", "txn_id", "account_number", "amount_minor")
        rows = [(register.pk, 1, "1", lines[0].account.number, 1000), (register.pk, 2, "2", "770000018", 500)]
        copy_rows(table="reconciliation_terminalregisterline", columns=columns, rows=rows)
        check = TerminalCheck.objects.create(
            network=network,
            day=PAID_AT.date(),
            register=register,
            state="DIFFERENT",
            our_count=1,
            our_amount_minor=1000,
            their_count=2,
            their_amount_minor=1500,
            matched_count=1,
            matched_amount_minor=1000,
            only_theirs_count=1,
            only_theirs_amount_minor=500,
        )
        Discrepancy.objects.create(
            check_run=check, kind="ONLY_THEIRS", txn_id="2", account_number="x", their_amount_minor=500
        )
    return payment, register, check
