"""
What the paper of an invoice says, as plain values: read from frozen rows, so that it says the same for ever.

The web page and the PDF show the same object.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any

from billing_site.core.names import name_in
from invoicing.models import BillRun, Invoice, InvoiceLine
from invoicing.queries.bill_texts import PaperTexts, paper_texts, published_so_far
from invoicing.queries.late_terms import LateNotice, late_notice
from invoicing.queries.line_reasons import LineReason, make_line_reason
from invoicing.queries.operators import frozen_operator
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
from invoicing.queries.paper_taxes import PaperTax, paper_taxes, written_percent
from invoicing.queries.paper_uses import PaperUse, paper_uses
from subscribers.models import Account, BillSetting
from subscribers.queries.bill_settings import BillWishes, find_bill_wishes
from subscribers.queries.holders import category_on

ONE_DAY = timedelta(days=1)
# Lines that stand after the charges, in the order in which they were taken off.
AFTER_CHARGES = {
    "DISCOUNT": 1,
    "PROMOTION": 2,
    "COMMITMENT": 3,
    "LEAVING_FEE": 4,
    "BONUS": 4,
    "TAKEN_OVER": 5,
    "TAKEN_ON": 5,
    "ROUNDING": 6,
}
# Sections of the lines: own charges, those of accounts that this one pays for, those of other providers.
OWN, FOR_OTHERS, BY_OTHERS = range(3)
TAKEN_ON = "TAKEN_ON"
# Page 1 stays one page, however many numbers an account has.
FRONT_USES = 5
CORRECTION = InvoiceLine.Kind.CORRECTION
ALL_CALLS = BillSetting.Itemisation.ALL


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperLine:
    """A line with the words of the reader's language; amounts in minor units, the last day inclusive."""

    n: int
    kind: str
    name: str
    plan: str
    first_on: date | None
    last_on: date | None
    quantity: int | None
    unit_price_micro: int | None
    net_minor: int
    tax_minor: int
    gross_minor: int
    tax_percent: str
    is_late: bool
    is_correction: bool
    days: int | None
    of_days: int | None
    records: int | None
    charged_units: int | None
    allowance_units: int | None
    exact_micro: int | None
    subscription_id: int | None
    bill_item_id: int
    reason: LineReason | None = None
    # What is new in it since the bill before: ``NEW``, ``PRICE`` (it costs another amount), or nothing.
    mark: str = ""

    @property
    def label(self) -> str:
        """What a caller names the line by: ``L7``."""
        return f"L{self.n}"


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperGroup:
    """
    The lines of one number, or of the whole account where ``service`` is empty.

    ``account`` is the number of another account whose line it is and for which this one pays, ``provider`` the name of
    another provider whose charges these are.
    """

    service: str
    lines: Sequence[PaperLine]
    net_minor: int
    folded_count: int
    # Of a section kept apart: the account that is paid for, or the provider whose charges these are.
    for_account: str = ""
    provider: str = ""


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
    wishes: BillWishes = field(default_factory=BillWishes)
    texts: PaperTexts = field(default_factory=PaperTexts)
    # The seller's data as the run froze them: ``invoicing.queries.operators``.
    seller: Mapping[str, str] = field(default_factory=dict)
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
    def received_minor(self) -> int:
        """Payments as a payer sees them: what came in is positive."""
        return -self.payments_minor

    @property
    def shows_counts(self) -> bool:
        """Whether lines say how many calls they charge, and how long: not on a bill that lists no calls."""
        return self.wishes.itemisation != BillSetting.Itemisation.NONE

    @property
    def front_uses(self) -> Sequence[PaperUse]:
        """The allowances that page 1 has room for: those of which most was used."""
        return sorted(self.uses, key=lambda use: -use.percent)[:FRONT_USES]

    @property
    def uses_behind(self) -> int:
        """How many allowances stand on the pages behind alone."""
        return len(self.uses) - len(self.front_uses)

    @property
    def due_minor(self) -> int:
        """What is to be paid; never negative."""
        return max(0, self.to_pay_minor)

    @property
    def advance_minor(self) -> int:
        """What the account has in advance, where there is nothing to pay."""
        return max(0, -self.to_pay_minor)


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
    frozen = invoice.frozen
    printing = printing or printing_of(invoice)
    earlier = None if before is None else sum(line.gross_minor for line in before)
    return Paper(
        invoice_id=invoice.pk,
        account_id=invoice.account_id,
        number=invoice.number or "",
        state=invoice.state,
        language=language,
        operator=reference["operator"]["name"],
        account=frozen["account"],
        name=frozen["name"],
        address=frozen["address"],
        tax_id=frozen.get("tax_id", ""),
        currency=invoice.currency,
        currency_digits=invoice.currency_digits,
        first_on=invoice.period_from,
        last_on=invoice.period_until - ONE_DAY,
        issued_on=invoice.issued_on,
        due_on=invoice.due_on,
        previous_minor=frozen["previous_minor"],
        payments_minor=frozen["payments_minor"],
        corrections_minor=frozen["corrections_minor"],
        net_minor=invoice.net_minor,
        tax_minor=invoice.tax_minor,
        gross_minor=invoice.gross_minor,
        to_pay_minor=frozen["to_pay_minor"],
        services=service_sums(lines, before, reference),
        groups=_groups(lines, invoice, reference, language, marks=line_marks(lines, before, reference)),
        taxes=paper_taxes(invoice=invoice, reference=reference, language=language),
        changes=paper_changes(lines, before, reference, language),
        difference_minor=None if earlier is None else invoice.gross_minor - earlier,
        months=month_bars(invoice),
        uses=paper_uses(invoice=invoice, lines=lines, language=language),
        calls=paper_calls(invoice=invoice, lines=lines, has_whole_numbers=printing.wishes.has_whole_numbers)
        if printing.wishes.itemisation == ALL_CALLS
        else None,
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
            due_minor=frozen["to_pay_minor"],
        ),
    )


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


def make_paper_line(*, line: InvoiceLine, period_from: date, reference: dict[str, Any], language: str) -> PaperLine:
    """Return a line with its words; usage of an earlier period than the bill's is marked late."""
    why = line.explanation or {}
    version = reference["versions"].get(str(line.plan_version_id))
    return PaperLine(
        n=line.n,
        kind=line.kind,
        name=line_name(line, reference, language),
        plan=name_in(version["names"], language) if version else "",
        first_on=line.period_from,
        last_on=line.period_until - ONE_DAY if line.period_until else None,
        quantity=line.quantity,
        unit_price_micro=line.unit_price_micro,
        net_minor=line.net_minor,
        tax_minor=line.tax_minor,
        gross_minor=line.gross_minor,
        tax_percent=written_percent(line.tax_percent),
        is_late=line.kind != CORRECTION and line.period_from is not None and line.period_from < period_from,
        is_correction=line.kind == CORRECTION,
        days=why.get("days"),
        of_days=why.get("of_days"),
        records=why.get("records"),
        charged_units=why.get("charged"),
        allowance_units=why.get("allowance"),
        exact_micro=why.get("micro"),
        subscription_id=line.subscription_id,
        bill_item_id=line.bill_item_id,
        reason=make_line_reason(line=line, reference=reference, language=language),
    )


def line_name(line: InvoiceLine, reference: Mapping[str, Any], language: str) -> str:
    """Return what a line is called: its bill item, after the discount, promotion or contract that it comes from."""
    item = name_in(reference["bill_items"][str(line.bill_item_id)]["names"], language)
    why = line.explanation or {}
    sources = {"discount": "discounts", "promotion": "promotions", "term": "terms", "commitment": "commitments"}
    for key, table in sources.items():
        source = reference.get(table, {}).get(str(why.get(key)))
        if source:
            return f"{name_in(source['names'], language)}: {item}"
    return item


def _groups(
    lines: Sequence[InvoiceLine],
    invoice: Invoice,
    reference: dict[str, Any],
    language: str,
    *,
    marks: Mapping[int, str],
) -> tuple[PaperGroup, ...]:
    """
    Put lines together: the own charges by number, in the order of first appearance, then what is paid for other
    accounts, then what other providers charge; lines of no amount are folded into a count.
    """
    together: dict[tuple[int, str, int, str], list[InvoiceLine]] = defaultdict(list)
    for line in lines:
        section, owner = section_of(line, reference, language)
        together[section, owner, line.subscription_id or 0, line.service].append(line)
    ordered = sorted(together.items(), key=lambda pair: (pair[0][0], pair[0][1], pair[1][0].n))
    return tuple(
        PaperGroup(
            service=service,
            lines=tuple(
                replace(
                    make_paper_line(line=line, period_from=invoice.period_from, reference=reference, language=language),
                    mark=marks.get(line.n, ""),
                )
                for line in _shown(members, reference)
            ),
            net_minor=sum(line.net_minor for line in members),
            folded_count=len(members) - len(_shown(members, reference)),
            for_account=owner if section == FOR_OTHERS else "",
            provider=owner if section == BY_OTHERS else "",
        )
        for (section, owner, _subscription, service), members in ordered
    )


def section_of(line: InvoiceLine, reference: Mapping[str, Any], language: str) -> tuple[int, str]:
    """Return which section of the bill a line is in, and the account or the provider that it is named after."""
    provider = reference["bill_items"][str(line.bill_item_id)].get("provider")
    if provider is not None:
        return BY_OTHERS, name_in(reference["providers"][str(provider)]["names"], language)
    if line.kind == TAKEN_ON:
        return FOR_OTHERS, str((line.explanation or {}).get("account", ""))
    return OWN, ""


def _shown(members: Sequence[InvoiceLine], reference: Mapping[str, Any]) -> list[InvoiceLine]:
    items = reference["bill_items"]
    return sorted(
        (line for line in members if line.net_minor or line.kind not in {InvoiceLine.Kind.USAGE, CORRECTION}),
        key=lambda line: (AFTER_CHARGES.get(line.kind, 0), items[str(line.bill_item_id)]["position"], line.n),
    )
