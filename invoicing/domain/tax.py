"""
Tax: per category and rate on the net as rounded to the currency, rounded once, then split over the lines by largest
remainder.

Prices that include tax keep their gross to the last minor unit. The net of a category is then derived once, from the
gross of all its lines, and the tax is the rest; it is split over the lines as the other is. At 20 %:

    ======================  =====  ====  =====
    line                    gross   tax    net
    ======================  =====  ====  =====
    fee                       999   166    833   166.50: its half loses to the greater remainder
    calls                     250    42    208    41.67
    discount                 -100   -17    -83   -16.67
    category                 1149   191    958   1149 / 1.2 = 957.50, half up
    ======================  =====  ====  =====

So what a subscriber was promised is what the line says, and the tax may differ from that on the rounded net by one
minor unit. Lines of both kinds in one category are reckoned apart and added.

Rates are parts per million (20 % = 200 000), so that any percentage with four decimals is a whole number.
"""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from billing_site.core.errors import BillingError
from billing_site.core.messages import gettext_noop
from billing_site.core.money import decimal_to_minor, minor_to_decimal, round_half_up
from billing_site.core.periods import DatePeriod

PPM = 1_000_000
_PERCENT_PLACES = 4


class NoTaxRate(BillingError):
    """A tax category has no rate on a day that is billed."""

    default_code = "NO_TAX_RATE"


class TaxRate(NamedTuple):
    """The rate of a category from a day on, until the next rate of that category begins."""

    tax_category_id: int
    from_on: date
    rate_ppm: int


class TaxedSpan(NamedTuple):
    """
    Days that one rate covers. The category is the one taxed by; where an exemption put it in the place of another,
    ``spared_ppm`` is the rate that would have held, so that a price that includes it can be freed of it.
    """

    start_on: date
    until_on: date
    rate_ppm: int
    tax_category_id: int
    spared_ppm: int | None = None


class Exemption(NamedTuple):
    """What is taxed as ``instead_id`` in the place of a category during a period, and by which certificate."""

    tax_category_id: int
    instead_id: int
    during: DatePeriod
    certificate: str


class TaxTable:
    """
    The rates of every category over time; remembers the spans it was asked for, because a bill run asks for few and
    often.
    """

    def __init__(self, rates: Sequence[TaxRate]) -> None:
        """
        Order the rates of each category by time.

        :raises ValueError: for a negative rate or two rates of a category from the same day
        """
        self._rates: dict[int, list[TaxRate]] = {}
        self._spans: dict[tuple[int, date, date], tuple[TaxedSpan, ...]] = {}
        for rate in sorted(rates):
            known = self._rates.setdefault(rate.tax_category_id, [])
            if rate.rate_ppm < 0 or (known and known[-1].from_on == rate.from_on):
                msg = f"not a rate, or a second one from that day: {rate}"
                raise ValueError(msg)
            known.append(rate)

    def spans(self, *, tax_category_id: int, start_on: date, until_on: date) -> tuple[TaxedSpan, ...]:
        """
        Cut days at the changes of a category's rate.

        :raises NoTaxRate: if the first day has no rate
        """
        key = (tax_category_id, start_on, until_on)
        found = self._spans.get(key)
        if found is None:
            found = self._cut(tax_category_id, DatePeriod(start_on, until_on))
            self._spans[key] = found
        return found

    def rate_on(self, *, tax_category_id: int, on: date) -> int:
        """
        Return the rate of a category on a day, in parts per million.

        :raises NoTaxRate: if there is none
        """
        rates = [rate for rate in self._rates.get(tax_category_id, ()) if rate.from_on <= on]
        if not rates:
            raise NoTaxRate(
                gettext_noop("Tax category %(category)s has no rate on %(day)s."),
                context={"category": tax_category_id, "day": on},
            )
        return rates[-1].rate_ppm

    def span_on(self, *, tax_category_id: int, on: date) -> TaxedSpan:
        """
        Return how one day is taxed.

        :raises NoTaxRate: if there is no rate
        """
        return self.spans(tax_category_id=tax_category_id, start_on=on, until_on=on + date.resolution)[0]

    def _cut(self, tax_category_id: int, period: DatePeriod) -> tuple[TaxedSpan, ...]:
        changes = [rate.from_on for rate in self._rates.get(tax_category_id, ())]
        return tuple(
            TaxedSpan(
                piece.start,
                piece.last_day + (date.resolution),
                self.rate_on(tax_category_id=tax_category_id, on=piece.start),
                tax_category_id,
            )
            for piece in period.split_at(*changes)
        )


class ExemptTable(TaxTable):
    """The rates of an account with exemptions: their days are cut out and taxed as the category named instead."""

    def __init__(self, table: TaxTable, exemptions: Sequence[Exemption]) -> None:
        """Keep the table that all accounts share, and the account's own exemptions."""
        self._table = table
        self._exemptions = exemptions

    def spans(self, *, tax_category_id: int, start_on: date, until_on: date) -> tuple[TaxedSpan, ...]:
        """
        Cut days at the changes of the rate and at the ends of exemptions.

        :raises NoTaxRate: if a day has no rate
        """
        own = [one for one in self._exemptions if one.tax_category_id == tax_category_id]
        edges = [day for one in own for day in (one.during.start, one.during.until) if day is not None]
        found: list[TaxedSpan] = []
        for piece in DatePeriod(start_on, until_on).split_at(*edges):
            days = {"start_on": piece.start, "until_on": piece.last_day + date.resolution}
            usual = self._table.spans(tax_category_id=tax_category_id, **days)
            held = next((one for one in own if one.during.contains(piece.start)), None)
            found += usual if held is None else self._freed(held, usual)
        return tuple(found)

    def rate_on(self, *, tax_category_id: int, on: date) -> int:
        """
        Return the rate of a category on a day, in parts per million, exemptions counted.

        :raises NoTaxRate: if there is none
        """
        return self.span_on(tax_category_id=tax_category_id, on=on).rate_ppm

    def _freed(self, held: Exemption, usual: Sequence[TaxedSpan]) -> list[TaxedSpan]:
        return [
            span._replace(spared_ppm=one.rate_ppm)
            for one in usual
            for span in self._table.spans(tax_category_id=held.instead_id, start_on=one.start_on, until_on=one.until_on)
        ]


def tax_on(*, net_minor: int, rate_ppm: int) -> int:
    """Return the tax on a net in minor units, half up on the magnitude."""
    return round_half_up(numerator=net_minor * rate_ppm, denominator=PPM)


def split_tax(*, nets_minor: Sequence[int], rate_ppm: int) -> tuple[int, ...]:
    """
    Compute the tax on the sum of nets and share it out over them by largest remainder.

    Nets may be negative (credits, discounts); a line's share differs from its own exact tax by less than one minor
    unit. The shares sum to the tax; ties are served in order of position.
    """
    tax = round_half_up(numerator=sum(nets_minor) * rate_ppm, denominator=PPM)
    if len(nets_minor) == 1:
        return (tax,)
    return _share_out(tax, [net * rate_ppm for net in nets_minor], PPM)


def net_in(*, gross_minor: int, rate_ppm: int) -> int:
    """Return the net that is in a gross in minor units, half up on the magnitude."""
    return round_half_up(numerator=gross_minor * PPM, denominator=PPM + rate_ppm)


def split_included_tax(*, grosses_minor: Sequence[int], rate_ppm: int) -> tuple[int, ...]:
    """
    Compute the tax that is in the sum of grosses and share it out over them by largest remainder.

    The net of the sum is rounded once and the tax is the rest, so that the gross stays exact (see the table above).
    """
    gross = sum(grosses_minor)
    tax = gross - net_in(gross_minor=gross, rate_ppm=rate_ppm)
    return _share_out(tax, [one * rate_ppm for one in grosses_minor], PPM + rate_ppm)


def _share_out(tax: int, exact: Sequence[int], denominator: int) -> tuple[int, ...]:
    shares = [numerator // denominator for numerator in exact]
    left = tax - sum(shares)
    if left:
        remainders = [numerator % denominator for numerator in exact]
        # The sort is stable, backwards too: of equal remainders the first position is served first.
        by_remainder = sorted(range(len(exact)), key=remainders.__getitem__, reverse=True)
        for position in by_remainder[:left]:
            shares[position] += 1
    assert sum(shares) == tax, "the shares of a tax do not sum to it"
    return tuple(shares)


def ppm_from_percent(percent: Decimal) -> int:
    """
    Turn a percentage into parts per million.

    :raises AmountNotExact: if it has more than four decimals
    """
    return decimal_to_minor(percent, digits=_PERCENT_PLACES)


def percent_from_ppm(rate_ppm: int) -> Decimal:
    """Turn parts per million into a percentage with four decimals."""
    return minor_to_decimal(rate_ppm, digits=_PERCENT_PLACES)
