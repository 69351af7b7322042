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
from invoicing.domain.bill_items import Bill, BillLine, LineKind
from invoicing.domain.tax import percent_from_ppm
from invoicing.models import BillRun
from invoicing.queries.bill_inputs import AccountRow, CorrectionRow, UsageRow

# Looked up once: members of an enumeration are found by a call each time, and a run writes millions of lines.
USAGE, CORRECTION, DISCOUNT = LineKind.USAGE, LineKind.CORRECTION, LineKind.DISCOUNT
ONE_OFF = LineKind.ONE_OFF
REASONED = frozenset({LineKind.PROMOTION, LineKind.LEAVING_FEE, LineKind.BONUS})

INVOICE_COLUMNS = (
    "id", "run_id", "account_id", "state", "period_from", "period_until", "issued_on", "due_on", "currency",
    "currency_digits", "language", "frozen", "net_minor", "tax_minor", "gross_minor",
)  # fmt: skip
# An enumeration's member in a text costs a call; plain texts do not.
KIND_TEXT = {kind: kind.value for kind in LineKind}
LINE_COLUMNS = (
    "invoice_id", "n", "kind", "bill_item_id", "subscription_id", "service", "period_from", "period_until", "quantity",
    "unit_price_micro", "net_minor", "tax_minor", "gross_minor", "tax_category_id", "tax_percent", "plan_version_id",
    "explanation",
)  # fmt: skip
TAX_COLUMNS = ("invoice_id", "tax_category_id", "tax_percent", "net_minor", "tax_minor")


class Draft(NamedTuple):
    """
    A bill with the account it belongs to, and the totals of usage and the corrections that it bills, in the order of
    their lines.
    """

    account: AccountRow
    bill: Bill
    usage: Sequence[UsageRow]
    corrections: Sequence[CorrectionRow] = ()


class RowWriter:
    """Writes the rows of one chunk; remembers how days and percentages are written."""

    def __init__(self, run: BillRun, number_of: Mapping[int, str | None]) -> None:
        """Keep what all rows of the chunk share."""
        self._run = run
        self._number_of: dict[int | None, str] = {
            subscription: copy_escape(number) for subscription, number in number_of.items() if number
        }
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
            f'"to_pay_minor": {account.balance_minor + bill.gross_minor}}}'
        )
        return (
            f"{invoice_id}\t{self._run.pk}\t{account.account_id}\t{self._invoice_middle}\t{account.currency}\t"
            f"{self._run.currency_digits}\t{account.language}\t{frozen.replace(chr(92), chr(92) * 2)}\t"
            f"{bill.net_minor}\t{bill.tax_minor}\t{bill.gross_minor}\n"
        )

    def lines(self, invoice_id: int, draft: Draft) -> list[str]:
        """Write the rows of an invoice's lines; the fields are taken apart at once, which is what makes it quick."""
        used, corrected = iter(draft.usage), iter(draft.corrections)
        # Few bills have any: the others do not ask line by line.
        reasons = iter(draft.bill.reasons) if draft.bill.reasons else None
        numbers, days, percents, kinds = self._number_of, self._days, self._percents, KIND_TEXT
        rows = []
        for line in draft.bill.lines:
            (n, kind, subscription, item, version, start, until, quantity, _unit, price, _days, _of_days, _records,
             _source, category, rate, net, tax) = line  # fmt: skip
            if kind is CORRECTION:
                explanation = explain_correction(next(corrected))
            elif reasons is not None and kind in REASONED:
                explanation = copy_escape(json_dumps(next(reasons), ensure_ascii=False))
            else:
                explanation = explain_line(line, next(used) if kind is USAGE else None)
            rows.append(
                f"{invoice_id}\t{n}\t{kinds[kind]}\t{item}\t{NULL if subscription is None else subscription}\t"
                f"{numbers.get(subscription, '')}\t{days[start]}\t{days[until]}\t{quantity}\t"
                f"{NULL if price is None or kind is DISCOUNT else price}\t{net}\t{tax}\t{net + tax}\t"
                f"{category}\t{percents[rate]}\t{NULL if version is None else version}\t{explanation}\n"
            )
        return rows

    def taxes(self, invoice_id: int, bill: Bill) -> list[str]:
        """Write the rows of an invoice's taxes."""
        return [
            f"{invoice_id}\t{category}\t{self._percents[rate]}\t{net}\t{tax}\n"
            for category, rate, net, tax in bill.taxes
        ]


class _Written(dict[Any, str]):
    """Remembers how values are written: a run has few days and percentages, and writes them millions of times."""

    def __init__(self, write: Callable[[Any], str]) -> None:
        super().__init__()
        self._write = write

    def __missing__(self, value: Any) -> str:
        text = self[value] = self._write(value)
        return text


def explain_line(line: BillLine, usage: UsageRow | None) -> str:
    """
    Return the figures behind a line as JSON, or COPY's null where the columns say all.

    A usage line carries its total as rating kept it: records, seconds, units charged and taken from allowances,
    and the exact amount before rounding; a part of a period its days; a discount its id and base; an entered charge
    its id. Lines of promotions and contracts bring their reasons with them.
    """
    if usage is not None:
        _account, _subscription, _period, _item, records, seconds, charged, allowance, micro = usage
        return (
            f'{{"records": {records}, "seconds": {seconds}, "charged": {charged}, "allowance": {allowance}, '
            f'"micro": {micro}}}'
        )
    if line.kind is DISCOUNT:
        return f'{{"discount": {line.source_id}, "base_micro": {line.unit_price_micro}}}'
    if line.kind is ONE_OFF and line.source_id is not None:
        return f'{{"charge": {line.source_id}}}'
    if line.days != line.of_days:
        return f'{{"days": {line.days}, "of_days": {line.of_days}}}'
    return NULL


def explain_correction(row: CorrectionRow) -> str:
    """Return the figures behind a correction as JSON: differences, and the bill period of the total that it bills."""
    return (
        f'{{"records": {row.record_count}, "seconds": {row.duration_seconds}, "charged": {row.charged_units}, '
        f'"allowance": {row.allowance_units}, "micro": {row.amount_micro}, "bill_period": "{row.bill_period}"}}'
    )
