"""
Bills as rows for COPY, written straight as text: a run writes millions of them, and the general way costs three
times as much.

Only numbers, days and enumerated words go in unescaped; every text of a person goes through JSON or the escape of COPY.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from json import dumps as json_dumps
from json.encoder import encode_basestring as json_text
from typing import Any, NamedTuple

from billing_site.db.copying import NULL, copy_escape
from invoicing.domain.bill_items import Bill, BillLine, LineKind, Reason
from invoicing.domain.tax import Exemption, percent_from_ppm
from invoicing.models import BillRun
from invoicing.queries.bill_inputs import AccountRow, CorrectionRow, UsageRow

# Looked up once: members of an enumeration are found by a call each time, and a run writes millions of lines.
USAGE, CORRECTION, DISCOUNT = LineKind.USAGE, LineKind.CORRECTION, LineKind.DISCOUNT
ONE_OFF = LineKind.ONE_OFF
REASONED = frozenset({LineKind.PROMOTION, LineKind.COMMITMENT, LineKind.LEAVING_FEE, LineKind.BONUS})

INVOICE_COLUMNS = (
    "id", "run_id", "account_id", "state", "period_from", "period_until", "issued_on", "due_on", "currency",
    "currency_digits", "language", "frozen", "net_minor", "tax_minor", "gross_minor",
)  # fmt: skip
BACKSLASH, ESCAPED = "\\", "\\\\"
# An enumeration's member in a text costs a call; plain bytes do not.
KIND_TEXT = {kind: kind.value.encode() for kind in LineKind}
LINE_COLUMNS = (
    "invoice_id", "n", "kind", "bill_item_id", "subscription_id", "service", "period_from", "period_until", "quantity",
    "unit_price_micro", "net_minor", "tax_minor", "gross_minor", "tax_category_id", "tax_percent", "plan_version_id",
    "explanation",
)  # fmt: skip
# How a line is written: a template of bytes is twice as quick as a text put together of so many parts. The service is
# two columns.
LINE = b"%d\t%d\t%b\t%d\t%b\t%b\t%b\t%d\t%b\t%d\t%d\t%d\t%d\t%b\t%b\t%b%b"
NOTHING = NULL.encode()
# The figures of a total of usage, from its count of records on.
USED = b'{"records": %d, "seconds": %d, "charged": %d, "allowance": %d, "micro": %d}'
RECORDS = UsageRow._fields.index("record_count")
TAX = b"%d\t%d\t%b\t%d\t%d\n"
NOTHING_TOLD: Mapping[str, Any] = {}
TAX_COLUMNS = ("invoice_id", "tax_category_id", "tax_percent", "net_minor", "tax_minor")


class Draft(NamedTuple):
    """
    A bill with the account it belongs to, and the totals of usage and the corrections that it bills, in the order of
    their lines; ``carries`` are lines (by position) that go onto the next bill of an account, which pays them, and
    ``told`` is what else its paper says.
    """

    account: AccountRow
    bill: Bill
    usage: Sequence[UsageRow]
    corrections: Sequence[CorrectionRow] = ()
    exemptions: Sequence[Exemption] = ()
    carries: Sequence[tuple[int, int]] = ()
    told: Mapping[str, Any] = NOTHING_TOLD


class RowWriter:
    """Writes the rows of one chunk; remembers how days and percentages are written."""

    def __init__(self, run: BillRun, number_of: Mapping[int, str | None], *, marks_tax: bool = False) -> None:
        """Keep what all rows of the chunk share; ``number_of`` has the numbers of subscriptions."""
        self.line_columns = (*LINE_COLUMNS, "includes_tax") if marks_tax else LINE_COLUMNS
        self._ends = (b"\tf\n", b"\tt\n") if marks_tax else (b"\n", b"\n")
        self._run = run
        self._services = _Written(
            lambda subscription: (
                f"{NULL if subscription is None else subscription}\t{copy_escape(number_of.get(subscription) or '')}"
            )
        )
        self._days = _Written(date.isoformat)
        self._percents = _Written(lambda ppm: str(percent_from_ppm(ppm)))
        days = (run.period_from, run.period_until, run.issued_on, run.due_on)
        self._invoice_middle = "\t".join(["DRAFT", *map(date.isoformat, days)])

    def invoice(self, invoice_id: int, draft: Draft) -> str:
        """Write the row of an invoice; what the paper says besides the lines is frozen in it."""
        account, bill = draft.account, draft.bill
        previous = account.balance_minor - account.payments_minor - account.corrections_minor
        frozen = (
            f'{{"account": {json_text(account.number)}, "name": {json_text(account.name)}, '
            f'"address": {json_text(account.address)}, "previous_minor": {previous}, '
            f'"payments_minor": {account.payments_minor}, '
            f'"corrections_minor": {account.corrections_minor}, '
            f'"to_pay_minor": {account.balance_minor + bill.gross_minor}{_told_by_few(draft)}}}'
        )
        return (
            f"{invoice_id}\t{self._run.pk}\t{account.account_id}\t{self._invoice_middle}\t{account.currency}\t"
            f"{self._run.currency_digits}\t{account.language}\t{frozen.replace(BACKSLASH, ESCAPED)}\t"
            f"{bill.net_minor}\t{bill.tax_minor}\t{bill.gross_minor}\n"
        )

    def lines(self, invoice_id: int, draft: Draft) -> list[bytes]:
        """
        Write the rows of an invoice's lines; the fields are taken apart at once, which is what makes it quick.

        A usage line carries its total as rating kept it: records, seconds, units charged and taken from allowances,
        and the exact amount before rounding. Lines of promotions and contracts bring their reasons with them.
        """
        used, corrected = iter(draft.usage), iter(draft.corrections)
        # Few bills have any: the others do not ask line by line.
        reasons = iter(draft.bill.reasons) if draft.bill.reasons else None
        services, days, percents, kinds, ends = self._services, self._days, self._percents, KIND_TEXT, self._ends
        notes = draft.bill.notes
        rows = []
        for line in draft.bill.lines:
            (n, kind, subscription, item, version, start, until, quantity, _unit, price, _days, _of_days, _records,
             _source, category, rate, net, tax, includes_tax) = line  # fmt: skip
            if kind is USAGE and not (notes and n in notes):
                explanation = USED % next(used)[RECORDS:]
            elif kind is CORRECTION:
                explanation = explain_correction(next(corrected)).encode()
            elif reasons is not None and kind in REASONED:
                explanation = copy_escape(json_dumps(next(reasons), ensure_ascii=False)).encode()
            elif notes and n in notes:
                explanation = explain_noted(line, notes[n]).encode()
            else:
                explanation = explain_line(line).encode()
            rows.append(
                LINE
                % (
                    invoice_id, n, kinds[kind], item, services[subscription], days[start], days[until], quantity,
                    NOTHING if price is None or kind is DISCOUNT else b"%d" % price, net, tax, net + tax, category,
                    percents[rate], NOTHING if version is None else b"%d" % version, explanation, ends[includes_tax],
                )
            )  # fmt: skip
        return rows

    def taxes(self, invoice_id: int, draft: Draft) -> list[bytes]:
        """Write the rows of an invoice's taxes."""
        return [
            TAX % (invoice_id, category, self._percents[rate], net, tax)
            for category, rate, net, tax in draft.bill.taxes
        ]


class _Written(dict[Any, bytes]):
    """Remembers how values are written: a run has few days and percentages, and writes them millions of times."""

    def __init__(self, write: Callable[[Any], str]) -> None:
        super().__init__()
        self._write = write

    def __missing__(self, value: Any) -> bytes:
        text = self[value] = self._write(value).encode()
        return text


def explain_line(line: BillLine) -> str:
    """
    Return the figures behind a line as JSON, or COPY's null where the columns say all.

    A part of a period has its days; a discount its id and base; an entered charge its id.
    """
    if line.kind is DISCOUNT:
        return f'{{"discount": {line.source_id}, "base_micro": {line.unit_price_micro}}}'
    if line.kind is ONE_OFF and line.source_id is not None:
        return f'{{"charge": {line.source_id}}}'
    if line.days != line.of_days:
        return f'{{"days": {line.days}, "of_days": {line.of_days}}}'
    return NULL


def explain_noted(line: BillLine, note: Reason) -> str:
    """
    Return as JSON the figures behind the line of a group's discount (whose, its base, by which volume), or behind what
    is paid for others.
    """
    if line.kind is not DISCOUNT:
        return copy_escape(json_dumps(note))
    figures = {"discount": line.source_id, "base_micro": line.unit_price_micro, **note}
    return copy_escape(json_dumps(figures))


def _told_by_few(draft: Draft) -> str:
    """Return what few papers say, as further parts of their JSON: the buyer's tax number, exemptions, what is told."""
    tax_id = draft.account.tax_id
    told = f", {json_dumps(draft.told, ensure_ascii=False)[1:-1]}" if draft.told else ""
    return (f', "tax_id": {json_text(tax_id)}' if tax_id else "") + _exempted(draft.exemptions) + told


def _exempted(exemptions: Sequence[Exemption]) -> str:
    """Return what the paper says of exemptions, as a further part of its JSON; most accounts have none."""
    if not exemptions:
        return ""
    held = [
        {
            "category": one.tax_category_id,
            "instead": one.instead_id,
            "certificate": one.certificate,
            "from": one.during.start.isoformat(),
            "until": one.during.until.isoformat() if one.during.until else None,
        }
        for one in exemptions
    ]
    return f', "exemptions": {json_dumps(held, ensure_ascii=False)}'


def explain_correction(row: CorrectionRow) -> str:
    """
    Return the figures behind a correction as JSON: differences, what was charged before, and the bill period of the
    total that it bills.
    """
    return (
        f'{{"records": {row.record_count}, "seconds": {row.duration_seconds}, "charged": {row.charged_units}, '
        f'"allowance": {row.allowance_units}, "micro": {row.amount_micro}, '
        f'"before_micro": {row.before_micro}, "bill_period": "{row.bill_period}"}}'
    )
