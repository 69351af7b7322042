"""Where bills lie in a print file: each begins on the front of a sheet, sheets are printed on both sides."""

from collections.abc import Iterable
from dataclasses import dataclass

SIDES = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """
    One bill in the file.

    ``first_page`` counts from 1; ``page_count`` are its own pages, without the blank back that may follow.
    """

    first_page: int
    page_count: int

    @property
    def sheet_count(self) -> int:
        """How many sheets it takes."""
        return sheets_of(self.page_count)


def sheets_of(page_count: int) -> int:
    """Return how many sheets so many pages take."""
    return -(-page_count // SIDES)


def place_bills(page_counts: Iterable[int]) -> tuple[Placed, ...]:
    """
    Return where bills with these numbers of pages lie, in order.

    The pages of the file are twice the sheets: after a bill that ends on a front comes its blank back.
    """
    placed, page = [], 1
    for count in page_counts:
        placed.append(Placed(first_page=page, page_count=count))
        page += sheets_of(count) * SIDES
    assert page - 1 == SIDES * sum(one.sheet_count for one in placed)
    return tuple(placed)


def front_of(page: int) -> int:
    """Return the front page of the sheet that a page is on: printing again begins there."""
    return page - (page - 1) % SIDES
