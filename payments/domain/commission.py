"""What an agent gets: rates of what it took less what was taken back, rounded once."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from billing_site.core.money import round_quotient

# A percent has three decimals: so many thousandths of a percent are the whole.
PARTS = 100_000
PER_PERCENT = 1000
WHOLE = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """
    Money of one rate: received and taken back in minor units, both not below zero.

    :param percent: of received less taken back, with three decimals at most; ``None`` where no rate was set
    """

    percent: Decimal | None
    received_minor: int
    reversed_minor: int

    @property
    def base_minor(self) -> int:
        """Received less taken back."""
        return self.received_minor - self.reversed_minor


def is_rate(percent: Decimal) -> bool:
    """Return whether a percentage lies between nothing and everything, with three decimals at most."""
    return 0 <= percent <= WHOLE and (percent * PER_PERCENT) % 1 == 0


def commission_of(shares: Sequence[Share]) -> int:
    """
    Return the commission of shares together, in minor units, rounded half away from zero once.

    Below zero where more was taken back than received: the agent gives back what it got for it.
    """
    parts = sum(share.base_minor * _thousandths(share.percent) for share in shares)
    return round_quotient(numerator=parts, denominator=PARTS)


def _thousandths(percent: Decimal | None) -> int:
    if percent is None:
        return 0
    thousandths = percent * PER_PERCENT
    assert thousandths == int(thousandths), "a rate has three decimals at most"
    return int(thousandths)
