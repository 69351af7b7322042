"""Sums of a bill, and the proof that they agree."""

from collections.abc import Iterable, Sequence

from invoicing.domain.bill_items import Bill, BillLine, TaxTotal


def check_bill(bill: Bill) -> tuple[str, ...]:
    """
    Return what is wrong with a bill's sums, as short English findings; nothing for a sound bill.

    The same four statements are checked again by the database when a bill is posted.
    """
    findings = []
    if sum(line.net_minor for line in bill.lines) != bill.net_minor:
        findings.append("the lines' net does not sum to the bill's")
    if sum(line.tax_minor for line in bill.lines) != bill.tax_minor:
        findings.append("the lines' tax does not sum to the bill's")
    if bill.net_minor + bill.tax_minor != bill.gross_minor:
        findings.append("net and tax do not make the gross")
    if sum_taxes(bill.lines) != tuple(sorted(bill.taxes)):
        findings.append("the taxes are not the sums of their lines")
    return tuple(findings)


def sum_taxes(lines: Sequence[BillLine]) -> tuple[TaxTotal, ...]:
    """Return net and tax of each category and rate on the lines, in order of category and rate."""
    sums: dict[tuple[int, int], tuple[int, int]] = {}
    for line in lines:
        net, tax = sums.get((line.tax_category_id, line.tax_rate_ppm), (0, 0))
        sums[line.tax_category_id, line.tax_rate_ppm] = (net + line.net_minor, tax + line.tax_minor)
    return tuple(TaxTotal(category, rate, net, tax) for (category, rate), (net, tax) in sorted(sums.items()))


def sum_gross(bills: Iterable[Bill]) -> tuple[int, int, int]:
    """Return (net, tax, gross) over bills of one currency, in minor units: the control totals of a run."""
    net = tax = gross = 0
    for bill in bills:
        net += bill.net_minor
        tax += bill.tax_minor
        gross += bill.gross_minor
    return net, tax, gross
