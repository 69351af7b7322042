"""How an account's bills are made: what its subscriber wished, now or when a bill was planned."""

from dataclasses import dataclass
from datetime import datetime

from subscribers.models import BillSetting


@dataclass(frozen=True, slots=True, kw_only=True)
class BillWishes:
    """How much is listed (``BillSetting.Itemisation``), whether called numbers are whole, and the size of letters."""

    itemisation: str = BillSetting.Itemisation.SUMMARY.value
    has_whole_numbers: bool = False
    is_large_print: bool = False


def find_bill_wishes(*, account_id: int, at: datetime | None = None) -> BillWishes:
    """
    Return how the bills of an account are made; who never said anything gets sums, masked, in ordinary letters.

    :param at: as it was said by then, by the database's clock; the latest word when left out
    """
    said = BillSetting.objects.filter(account_id=account_id)
    if at is not None:
        said = said.filter(created_at__lte=at)
    last = said.order_by("-created_at", "-pk").first()
    if last is None:
        return BillWishes()
    return BillWishes(
        itemisation=last.itemisation,
        has_whole_numbers=last.has_whole_numbers,
        is_large_print=last.is_large_print,
    )
