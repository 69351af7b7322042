"""The lines of a paper with the words of the reader's language, put together by number, payer and provider."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from billing_site.core.names import name_in
from invoicing.models import Invoice, InvoiceLine
from invoicing.queries.line_reasons import LineReason, make_line_reason
from invoicing.queries.paper_taxes import written_percent

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
CORRECTION = InvoiceLine.Kind.CORRECTION


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
    # Who does not pay it keeps the line.
    keeps_line: bool = False

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


def make_paper_line(*, line: InvoiceLine, period_from: date, reference: dict[str, Any], language: str) -> PaperLine:
    """Return a line with its words; usage of an earlier period than the bill's is marked late."""
    why = line.explanation or {}
    version = reference["versions"].get(str(line.plan_version_id))
    item = reference["bill_items"][str(line.bill_item_id)]
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
        # Charges alone are marked: nobody owes what was taken off.
        keeps_line=bool(item.get("keeps_line")) and line.kind not in AFTER_CHARGES and line.net_minor > 0,
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


def paper_groups(
    lines: Sequence[InvoiceLine],
    invoice: Invoice,
    reference: dict[str, Any],
    language: str,
    *,
    marks: Mapping[int, str],
) -> tuple[PaperGroup, ...]:
    """
    Return lines put together: the own charges by number, in the order of first appearance, then what is paid for other
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
