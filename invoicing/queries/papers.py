"""
What the paper of an invoice says, as plain values: read from frozen rows, so that it says the same for ever.

The web page and the PDF show the same object.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from invoicing.models import BillRun, Invoice, InvoiceLine
from invoicing.queries.bill_texts import PaperTexts, paper_texts, published_so_far
from invoicing.queries.late_terms import LateNotice, late_notice
from invoicing.queries.operators import frozen_operator, last_contest_day
from invoicing.queries.paper_calls import PaperCalls, paper_calls
from invoicing.queries.paper_history import (
    MonthBar,
    PaperChange,
    ServiceSum,
    line_marks,
    lines_before,
    month_bars,
    paper_changes,
    service_sums,
)
from invoicing.queries.paper_lines import PaperGroup, paper_groups
from invoicing.queries.paper_taxes import PaperTax, paper_taxes
from invoicing.queries.paper_uses import PaperUse, paper_uses
from invoicing.queries.paper_zones import ZoneSums, paper_zones
from invoicing.queries.told_facts import DebitNotice, frozen_debit
from subscribers.models import Account, BillSetting
from subscribers.queries.bill_settings import BillWishes, find_bill_wishes
from subscribers.queries.holders import category_on

ONE_DAY = timedelta(days=1)
# Page 1 stays one page, however many numbers an account has.
FRONT_USES = 5
ALL_CALLS, NO_CALLS = BillSetting.Itemisation.ALL, BillSetting.Itemisation.NONE


@dataclass(frozen=True, slots=True, kw_only=True)
class Printing:
    """
    How a paper is printed: what its subscriber wished, and which of the operator's words it carries.

    ``published_through`` is what the run froze of them; ``draft_id`` a draft to be looked at, or 0.
    """

    wishes: BillWishes
    published_through: int
    cycle_id: int | None
    category: str
    draft_id: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """Everything on the paper."""

    invoice_id: int
    number: str
    state: str
    language: str
    operator: str
    account: str
    account_id: int
    name: str
    address: str
    tax_id: str
    currency: str
    currency_digits: int
    first_on: date
    last_on: date
    issued_on: date
    due_on: date
    previous_minor: int
    payments_minor: int
    corrections_minor: int
    net_minor: int
    tax_minor: int
    gross_minor: int
    to_pay_minor: int
    services: Sequence[ServiceSum]
    groups: Sequence[PaperGroup]
    taxes: Sequence[PaperTax]
    changes: Sequence[PaperChange] = ()
    # How much more the new charges are than those of the bill before; none where there was none.
    difference_minor: int | None = None
    months: Sequence[MonthBar] = ()
    uses: Sequence[PaperUse] = ()
    calls: PaperCalls | None = None
    # The sums by zone of a paper that lists no calls, or has too many to list.
    zones: Sequence[ZoneSums] = ()
    wishes: BillWishes = field(default_factory=BillWishes)
    texts: PaperTexts = field(default_factory=PaperTexts)
    # The seller's data as the run froze them: ``invoicing.queries.operators``.
    seller: Mapping[str, str] = field(default_factory=dict)
    # What of earlier bills waits for an answer: part of the balance, and not to be paid meanwhile.
    disputed_minor: int = 0
    # What of the balance is in later parts of a plan: it may be paid and is not asked for.
    later_minor: int = 0
    # By which leave the operator collects it from a bank account, where it does.
    debit: DebitNotice | None = None
    # The last day on which its subscriber can contest it.
    contest_by: date | None = None
    # What happens when it is paid late; none where nothing is due, or the operator reminds nobody.
    late: LateNotice | None = None

    @property
    def is_taken_back(self) -> bool:
        """Whether credit notes took all of it back."""
        return self.state == Invoice.State.CANCELLED and bool(self.number)

    @property
    def pay_reference(self) -> str:
        """What a payer writes and a till scans: the account, whose last digit is a check digit."""
        return self.account

    @property
    def seller_address(self) -> str:
        """Where the operator is, in one line; nothing where it was not said."""
        street, place = (
            self.seller.get("street", ""),
            f"{self.seller.get('post_code', '')} {self.seller.get('city', '')}",
        )
        return ", ".join(part for part in (street, place.strip()) if part)

    @property
    def received_minor(self) -> int:
        """Payments as a payer sees them: what came in is positive."""
        return -self.payments_minor

    @property
    def shows_counts(self) -> bool:
        """Whether lines say how many calls they charge, and how long: not on a bill that lists no calls."""
        return self.wishes.itemisation != NO_CALLS

    @property
    def front_uses(self) -> Sequence[PaperUse]:
        """The allowances that page 1 has room for: those of which most was used."""
        return sorted(self.uses, key=lambda use: -use.percent)[:FRONT_USES]

    @property
    def uses_behind(self) -> int:
        """How many allowances stand on the pages behind alone."""
        return len(self.uses) - len(self.front_uses)

    @property
    def asked_minor(self) -> int:
        """
        The balance without what is disputed or in later parts of a plan; negative where the account has something in
        advance.
        """
        return self.to_pay_minor - self.disputed_minor - self.later_minor

    @property
    def due_minor(self) -> int:
        """What is to be paid; never negative."""
        return max(0, self.asked_minor)

    @property
    def advance_minor(self) -> int:
        """What the account has in advance, where there is nothing to pay."""
        return max(0, -self.asked_minor)


def get_paper(*, invoice_id: int, language: str = "") -> Paper:
    """
    Return what the paper of an invoice says, in its own language or the one given.

    :raises Invoice.DoesNotExist: if there is no such invoice
    """
    invoice = Invoice.objects.get(pk=invoice_id)
    run = BillRun.objects.get(pk=invoice.run_id)
    return make_paper(invoice=invoice, reference=run.reference, language=language or invoice.language)


def make_paper(
    *, invoice: Invoice, reference: dict[str, Any], language: str, printing: Printing | None = None
) -> Paper:
    """
    Return what the paper of an invoice says, with the names that its run froze.

    :param printing: how it is printed; as its subscriber wished when the run was planned, when left out
    """
    lines = list(InvoiceLine.objects.filter(invoice_id=invoice.pk).order_by("n"))
    before = lines_before(invoice)
    printing = printing or printing_of(invoice)
    calls = _calls(invoice, lines, reference, language, printing.wishes)
    lists_sums = printing.wishes.itemisation != NO_CALLS and (calls is None or calls.is_cut)
    earlier = None if before is None else sum(line.gross_minor for line in before)
    own = _own_facts(invoice)
    return Paper(
        **own,
        language=language,
        operator=reference["operator"]["name"],
        services=service_sums(lines, before, reference),
        groups=paper_groups(lines, invoice, reference, language, marks=line_marks(lines, before, reference)),
        taxes=paper_taxes(invoice=invoice, reference=reference, language=language),
        changes=paper_changes(lines, before, reference, language),
        difference_minor=None if earlier is None else invoice.gross_minor - earlier,
        months=month_bars(invoice),
        uses=paper_uses(invoice=invoice, lines=lines, reference=reference, language=language),
        calls=calls,
        zones=paper_zones(invoice=invoice, lines=lines, reference=reference, language=language) if lists_sums else (),
        wishes=printing.wishes,
        texts=paper_texts(
            published_through=printing.published_through,
            issued_on=invoice.issued_on,
            cycle_id=printing.cycle_id,
            category=printing.category,
            language=language,
            draft_id=printing.draft_id,
        ),
        seller=frozen_operator(reference)["seller"],
        late=late_notice(
            reference=reference,
            category=printing.category,
            due_on=invoice.due_on,
            due_minor=own["to_pay_minor"] - own["disputed_minor"] - own["later_minor"],
        ),
        contest_by=last_contest_day(reference=reference, issued_on=invoice.issued_on),
    )


def _calls(
    invoice: Invoice, lines: Sequence[InvoiceLine], reference: dict[str, Any], language: str, wishes: BillWishes
) -> PaperCalls | None:
    """Return the itemised part for who wished it."""
    if wishes.itemisation != ALL_CALLS:
        return None
    return paper_calls(
        invoice=invoice,
        lines=lines,
        reference=reference,
        language=language,
        has_whole_numbers=wishes.has_whole_numbers,
    )


def _own_facts(invoice: Invoice) -> dict[str, Any]:
    """Return what a paper says straight from the row of its invoice."""
    frozen = invoice.frozen
    return {
        "invoice_id": invoice.pk,
        "account_id": invoice.account_id,
        "number": invoice.number or "",
        "state": invoice.state,
        "account": frozen["account"],
        "name": frozen["name"],
        "address": frozen["address"],
        "tax_id": frozen.get("tax_id", ""),
        "currency": invoice.currency,
        "currency_digits": invoice.currency_digits,
        "first_on": invoice.period_from,
        "last_on": invoice.period_until - ONE_DAY,
        "issued_on": invoice.issued_on,
        "due_on": invoice.due_on,
        "previous_minor": frozen["previous_minor"],
        "payments_minor": frozen["payments_minor"],
        "corrections_minor": frozen["corrections_minor"],
        "net_minor": invoice.net_minor,
        "tax_minor": invoice.tax_minor,
        "gross_minor": invoice.gross_minor,
        "to_pay_minor": frozen["to_pay_minor"],
        "disputed_minor": frozen.get("disputed_minor", 0),
        "later_minor": _later_of(frozen),
        "debit": frozen_debit(frozen),
    }


def _later_of(frozen: dict[str, Any]) -> int:
    """Return what of the balance is in later parts of a plan; credits of the bill itself pay these too."""
    open_minor: int = frozen["to_pay_minor"] - frozen.get("disputed_minor", 0)
    later_minor: int = frozen.get("later_minor", 0)
    return min(max(0, open_minor), later_minor)


def printing_of(invoice: Invoice) -> Printing:
    """
    Return how an invoice is printed: by its subscriber's wish and the texts published when its run was planned.

    A draft of a run that is in no table is printed as if it were planned now.
    """
    run = BillRun.objects.only("template_version", "planned_at", "cycle_id").filter(pk=invoice.run_id).first()
    account = Account.objects.only("category").get(pk=invoice.account_id)
    return Printing(
        wishes=find_bill_wishes(account_id=invoice.account_id, at=run.planned_at if run else None),
        published_through=int(run.template_version.partition(".")[2] or 0) if run else published_so_far(),
        cycle_id=run.cycle_id if run else None,
        category=category_on(account, on=invoice.issued_on),
    )
