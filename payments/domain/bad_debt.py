"""
A debt given up: how much of it is tax, and how much of that comes back with money that comes in after all.

``BAD-DEBT-1``: what is written off of a bill is shared over its net and its taxes by largest remainder. Of money that
comes in later each tax takes its share, rounded down as the sum grows, so that all of the debt brings all of the tax.
The same holds for what a credit note takes back of such a bill: it was no debt. Amounts are minor units.
"""

from collections.abc import Sequence

from billing_site.core.money import split_by_weights


def tax_in_debt(*, written_minor: int, net_minor: int, taxes_minor: Sequence[int]) -> tuple[int, ...]:
    """
    Return how much of an amount written off of a bill is tax, tax by tax.

    A bill on which anything is negative has no such share: all of it is loss.

    :param net_minor: the bill's whole net, ``taxes_minor`` its whole taxes
    """
    if min(net_minor, *taxes_minor, 0) < 0:
        return tuple(0 for _ in taxes_minor)
    shares = split_by_weights(written_minor, [net_minor, *taxes_minor])[1:]
    assert sum(shares) <= written_minor
    return shares


def tax_in_recovery(
    *, amount_minor: int, before_minor: int, written_minor: int, taxes_minor: Sequence[int]
) -> tuple[int, ...]:
    """
    Return how much of money that came in for a debt written off is tax, tax by tax.

    :param before_minor: what came in earlier
    :param taxes_minor: what was taken back of each tax when the debt was written off
    """
    assert 0 < amount_minor <= written_minor - before_minor
    after_minor = before_minor + amount_minor
    return tuple(tax * after_minor // written_minor - tax * before_minor // written_minor for tax in taxes_minor)


def lost_too_much(*, lost_minor: int, gross_minor: int, credited_minor: int, paid_minor: int) -> int:
    """
    Return what is written off of a bill beyond what it still demands, because credit notes have come since.

    :param lost_minor: what is written off and did not come in since
    :param paid_minor: all that payments paid of it
    """
    return max(0, lost_minor - max(0, gross_minor - credited_minor - paid_minor))
