"""
A price of use in one cell, its steps divided by semicolons: ``5``, ``5; 2.5@180``, ``0.6/60+6``.

``PRICE[/PER][+INCREMENT][@FROM]``: a price for PER units (seconds, bytes, events), counted in increments of so many,
from that unit of the use on. What is left out is that of the line. Tiers of other charge models may besides end, have
a flat fee or a share: ``[<UP TO][=FLAT FEE][%PERCENT]``; ``+0`` leaves units uncut.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from billing_site.core.messages import gettext_noop
from tariffs.domain.grids import CellUnreadable, read_decimal, read_whole, write_decimal

ZERO = Decimal(0)
_PART = r"([^/+@<=%;]+)"
_STEP = re.compile(rf"{_PART}(?:/{_PART})?(?:\+{_PART})?(?:@{_PART})?(?:<{_PART})?(?:={_PART})?(?:%{_PART})?")


@dataclass(frozen=True, slots=True, kw_only=True)
class StepCell:
    """A step or tier as a cell says it; ``None`` where the line's own length holds; an increment of 0 is none."""

    price: Decimal
    per: int | None = None
    increment: int | None = None
    start: int = 0
    up_to: int | None = None
    flat: Decimal = ZERO
    percent: Decimal = ZERO


def read_steps(text: str) -> tuple[StepCell, ...]:
    """
    Return the steps in a cell.

    :raises CellUnreadable: with the step that cannot be read, or where they do not begin at 0 and rise
    """
    steps = tuple(_read_step(part.strip()) for part in text.split(";") if part.strip())
    starts = [step.start for step in steps]
    if not starts or starts[0] != 0 or starts != sorted(set(starts)):
        raise CellUnreadable(gettext_noop("The steps in “%(text)s” must begin at 0 and rise."), context={"text": text})
    return steps


def write_steps(steps: Iterable[StepCell]) -> str:
    """Return the cell of steps, as ``read_steps`` takes it."""
    return "; ".join(map(_write_step, steps))


def _write_step(step: StepCell) -> str:
    return (
        write_decimal(step.price)
        + ("" if step.per is None else f"/{step.per}")
        + ("" if step.increment is None else f"+{step.increment}")
        + (f"@{step.start}" if step.start else "")
        + ("" if step.up_to is None else f"<{step.up_to}")
        + (f"={write_decimal(step.flat)}" if step.flat else "")
        + (f"%{write_decimal(step.percent)}" if step.percent else "")
    )


def _read_step(text: str) -> StepCell:
    found = _STEP.fullmatch(text)
    if found is None:
        raise CellUnreadable(
            gettext_noop("“%(text)s” is no price: write 5, or 2.5@180 for 2.5 from unit 180 on."),
            context={"text": text},
        )
    price, per, increment, start, up_to, flat, percent = ((part or "").strip() for part in found.groups())
    if per and read_whole(per) < 1:
        raise CellUnreadable(gettext_noop("“%(text)s” is not a whole number."), context={"text": per})
    return StepCell(
        price=read_decimal(price),
        per=read_whole(per) if per else None,
        increment=read_whole(increment) if increment else None,
        start=read_whole(start) if start else 0,
        up_to=read_whole(up_to) if up_to else None,
        flat=read_decimal(flat) if flat else ZERO,
        percent=read_decimal(percent) if percent else ZERO,
    )
