"""A part of a bill's line: what it is with tax, and what of it is net; the parts of a line make the whole line."""

from dataclasses import dataclass

from billing_site.core.money import micro_to_minor, round_half_up


@dataclass(frozen=True, slots=True, kw_only=True)
class LineAmounts:
    """Amounts of a line in minor units, all of one sign."""

    net_minor: int
    tax_minor: int

    @property
    def gross_minor(self) -> int:
        """With tax."""
        return self.net_minor + self.tax_minor


def is_part_of(*, amount_minor: int, whole_minor: int) -> bool:
    """Return whether an amount is a part of a whole, of the same sign and not nothing."""
    return amount_minor != 0 and min(whole_minor, 0) <= amount_minor <= max(whole_minor, 0)


def split_part(*, part_minor: int, left: LineAmounts) -> LineAmounts:
    """
    Return net and tax of a part of what is left of a line.

    All that is left is taken as it is, so that parts taken one after the other make the whole; another part is split
    as the rest is, half away from zero.

    :param part_minor: with tax, of the sign of the line
    :raises ValueError: if the part is not one of what is left
    """
    if not is_part_of(amount_minor=part_minor, whole_minor=left.gross_minor):
        message = "A part is no more than what is left of its line."
        raise ValueError(message)
    net_minor = round_half_up(numerator=part_minor * left.net_minor, denominator=left.gross_minor)
    part = LineAmounts(net_minor=net_minor, tax_minor=part_minor - net_minor)
    assert abs(part.net_minor) <= abs(left.net_minor), "no more net than is left"
    assert abs(part.tax_minor) <= abs(left.tax_minor), "no more tax than is left"
    return part


def gross_of_usage(*, amount_micro: int, line: LineAmounts, digits: int) -> int:
    """
    Return what usage of an exact amount makes of its line, with tax, in minor units; never more than the line.

    :param amount_micro: of the calls meant, without tax, of the sign of the line
    :param digits: decimals of the currency
    """
    net_minor = micro_to_minor(amount_micro, digits=digits)
    if not line.net_minor:
        return 0
    gross_minor = round_half_up(numerator=net_minor * line.gross_minor, denominator=line.net_minor)
    return max(min(gross_minor, max(line.gross_minor, 0)), min(line.gross_minor, 0))
