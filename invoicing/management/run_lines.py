"""Reviews and previews of bill runs as lines of a terminal; amounts in minor units."""

from collections.abc import Iterable, Iterator, Sequence

from invoicing.models import ParkedAccount
from invoicing.queries.previews import PreviewFigures
from invoicing.queries.reviews import ItemTotal, Review

SHOWN = 20
SHOWN_ODD = 5


def preview_lines(found: PreviewFigures) -> Iterator[str]:
    """Say what a run would bring."""
    run, figures = found.run, found.figures
    yield f"Would be {run.cycle.code} {run.period_from} to {run.period_until}"
    yield (
        f"accounts {figures.account_count} = billed {figures.billed_count} + set aside {figures.parked_count}"
        f" + nothing to bill {sum(figures.skipped.values())}"
    )
    amounts = f"net {figures.net_minor}  tax {figures.tax_minor}  gross {figures.gross_minor}"
    yield f"{amounts} {run.currency} (minor units)"
    yield f"bills before {figures.before_count}, gross {figures.before_minor}"
    yield f"zero {figures.zero_count}  negative {figures.negative_count}"
    yield from _item_lines(found.items)
    for row in found.changes[:SHOWN]:
        yield f"  change    {row.account_number:<12} {row.change_minor:>12}  {row.percent} %"
    for title, count, rows in (("new", figures.fresh_count, found.fresh), ("gone", figures.gone_count, found.gone)):
        yield f"{title} {count}: {', '.join(row.account_number for row in rows[:SHOWN])}"
    for row in found.parked[:SHOWN]:
        yield f"  set aside {row.account_number}: {row.reason} {row.detail}"


def review_lines(review: Review, *, parked: Iterable[ParkedAccount]) -> Iterator[str]:
    """Say what a second person looks at."""
    run = review.run
    yield f"Run {run.kind} {run.cycle.code} {run.period_from} to {run.period_until}, {run.state}"
    yield (
        f"accounts {run.account_count} = billed {run.billed_count} + set aside {run.parked_count}"
        f" + nothing to bill {run.skipped_count}"
    )
    yield f"net {run.net_minor}  tax {run.tax_minor}  gross {run.gross_minor} {run.currency} (minor units)"
    yield from _item_lines(review.items)
    yield f"zero {review.zero_count}  negative {review.negative_count}  huge {review.huge_count}"
    for title, rows in (("changes", review.changes), ("negative", review.negative), ("huge", review.huge)):
        for row in rows[:SHOWN_ODD]:
            yield f"  {title:<9} {row.account_number:<12} {row.gross_minor:>12}  before {row.before_minor}"
    for account in parked:
        yield f"  set aside {account.account.number}: {account.reason} {account.outcome} {account.detail}"


def _item_lines(items: Sequence[ItemTotal]) -> Iterator[str]:
    for item in items:
        before = "" if item.before_minor is None else f"  before {item.before_minor}"
        yield f"  {item.code:<24} {item.line_count:>9} lines {item.net_minor:>15}{before}"
