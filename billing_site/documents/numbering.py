"""Document numbers: gap-free, one counter row a series."""

from dataclasses import dataclass

from django.db import connection

from billing_site.db.transactions import transaction_required


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberBlock:
    """Numbers of a series in a row, the ends included; an empty block ends before it begins."""

    prefix: str
    digits: int
    first: int
    last: int

    def text_of(self, number: int) -> str:
        """Return how a number is written."""
        return f"{self.prefix}{number:0{self.digits}d}"


@transaction_required
def take_number_block(*, series: str, prefix: str, count: int, digits: int = 6) -> NumberBlock:
    """
    Take the next ``count`` (zero or more) numbers of a series as a block.

    The counter moves in the caller's transaction and its row stays locked until the end of it: numbers
    of a transaction that fails are taken by the next one. The series is made when it is first used.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO documents_numberseries (code, prefix, digits, last_number) VALUES (%s, %s, %s, %s)"
            " ON CONFLICT (code) DO UPDATE SET last_number = documents_numberseries.last_number + excluded.last_number"
            " RETURNING last_number, prefix, digits",
            [series, prefix, digits, count],
        )
        last, shown, width = cursor.fetchone()
    return NumberBlock(prefix=shown, digits=width, first=last - count + 1, last=last)


@transaction_required
def take_numbers(*, series: str, prefix: str, count: int, digits: int = 6) -> list[str]:
    """Take the next ``count`` numbers of a series, in order, e.g. ``INV-2026-000001``; see ``take_number_block``."""
    if count < 1:
        return []
    block = take_number_block(series=series, prefix=prefix, count=count, digits=digits)
    return [block.text_of(number) for number in range(block.first, block.last + 1)]
