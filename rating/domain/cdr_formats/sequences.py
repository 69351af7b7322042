"""The running numbers that exchanges give their files, with the place where they begin again."""

from dataclasses import dataclass

from billing_site.core.messages import gettext_noop
from rating.domain.cdr_formats.column_maps import ColumnMapRefused


@dataclass(frozen=True, slots=True, kw_only=True)
class SequenceRule:
    """
    After ``last`` comes ``first`` again; without ``last`` the numbers only rise.

    A *place* is a number counted on over every new beginning, so that places of a source are unique and have no
    hole where the numbers begin again: with 1 to 9999, the second number 1 has place 10000.
    """

    first: int = 0
    last: int | None = None

    def __post_init__(self) -> None:
        """Refuse a rule that has no numbers."""
        if self.first < 0 or (self.last is not None and self.last <= self.first):
            raise ColumnMapRefused(gettext_noop("The sequence ends before it begins."))

    def place_of(self, number: int, *, latest: int | None) -> int:
        """
        Return the place of a written number: the one nearest to the place that is expected next.

        :param latest: the highest place so far, ``None`` for the first file of a source
        """
        if self.last is None or latest is None:
            return number
        span = self.last - self.first + 1
        expected = latest + 1
        lower = number + (expected - number) // span * span
        return min(lower, lower + span, key=lambda place: (abs(place - expected), place))

    def number_at(self, place: int) -> int:
        """Return the number that is written at a place."""
        if self.last is None:
            return place
        return self.first + (place - self.first) % (self.last - self.first + 1)
