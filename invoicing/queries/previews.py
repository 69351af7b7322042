"""Previews of bill runs: the run that each would be, and its figures with names."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import QuerySet

from invoicing.domain.run_figures import Figures, merge_figures
from invoicing.models import BillRun, BillRunPreview
from invoicing.queries.reviews import ItemTotal
from subscribers.models import Account

_DAYS = ("period_from", "period_until", "usage_through", "issued_on", "due_on")
_WORDS = ("currency", "rounding_mode", "template_version")
_NUMBERS = ("currency_digits", "ledger_through", "ledger_after")
FROZEN = (*_DAYS, *_WORDS, *_NUMBERS)


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountChange:
    """An account's bill beside its last one, tax included, in minor units; empty where there is none."""

    account_id: int
    account_number: str
    name: str
    gross_minor: int | None = None
    before_minor: int | None = None
    reason: str = ""
    detail: str = ""
    # The same as a sentence with its values, where it is one: ``ParkedAccount.told``.
    told: Mapping[str, Any] = field(default_factory=dict)

    @property
    def change_minor(self) -> int | None:
        """How much more."""
        if self.gross_minor is None or self.before_minor is None:
            return None
        return self.gross_minor - self.before_minor

    @property
    def percent(self) -> int | None:
        """The same in whole per cents of the last bill, towards nothing; empty where that was nothing."""
        if self.change_minor is None or not self.before_minor:
            return None
        size = abs(self.change_minor) * 100 // abs(self.before_minor)
        return size if self.change_minor >= 0 else -size


@dataclass(frozen=True, slots=True, kw_only=True)
class PreviewFigures:
    """What a run would bring, with names; complete once every piece is calculated."""

    preview: BillRunPreview
    run: BillRun
    figures: Figures
    items: Sequence[ItemTotal]
    changes: Sequence[AccountChange]
    fresh: Sequence[AccountChange]
    gone: Sequence[AccountChange]
    parked: Sequence[AccountChange]
    samples: dict[str, list[AccountChange]]


def preview_run_of(*, preview: BillRunPreview) -> BillRun:
    """Return the run that a preview would be, as it was frozen; it is in no table."""
    frozen = preview.frozen
    values: dict[str, Any] = {name: date.fromisoformat(frozen[name]) for name in _DAYS}
    values.update({name: frozen[name] for name in _WORDS})
    values.update({name: int(frozen[name]) for name in _NUMBERS})
    return BillRun(
        cycle=preview.cycle, kind=preview.kind, rule=preview.rule, reference=preview.reference,
        started_by_id=preview.started_by_id, **values,
    )  # fmt: skip


def bill_run_previews() -> QuerySet[BillRunPreview]:
    """Return all previews, for lists."""
    return BillRunPreview.objects.select_related("cycle", "job", "started_by").defer("reference")


def get_preview_figures(*, preview_id: int) -> PreviewFigures:
    """
    Return what a preview has found so far.

    :raises BillRunPreview.DoesNotExist: if there is no such preview
    """
    preview = BillRunPreview.objects.select_related("cycle", "job", "started_by").get(pk=preview_id)
    kept = preview.chunks.exclude(figures=None).order_by("n").values_list("figures", flat=True)
    figures = merge_figures(Figures(**part) for part in kept if part is not None)
    named = _names(figures)
    return PreviewFigures(
        preview=preview,
        run=preview_run_of(preview=preview),
        figures=figures,
        items=_items(preview, figures),
        changes=[_named(named, account, gross_minor=now, before_minor=was) for account, now, was in figures.changes],
        fresh=[_named(named, account, gross_minor=now) for account, now in figures.fresh],
        gone=[_named(named, account, before_minor=was) for account, was in figures.gone],
        parked=[
            _named(
                named,
                account,
                reason=reason,
                detail=detail,
                told=told[0] if told else {},
                gross_minor=gross,
                before_minor=usual,
            )
            for account, reason, detail, gross, usual, *told in figures.parked
        ],
        samples={
            language: [_named(named, account) for account in accounts]
            for language, accounts in sorted(figures.samples.items())
        },
    )


def _names(figures: Figures) -> dict[int, tuple[str, str]]:
    lists: tuple[Sequence[Sequence[Any]], ...] = (figures.changes, figures.fresh, figures.gone, figures.parked)
    ids = {row[0] for rows in lists for row in rows}
    ids.update(account for accounts in figures.samples.values() for account in accounts)
    accounts = Account.objects.filter(pk__in=ids).values_list("pk", "number", "subscriber__name")
    return {pk: (number, name) for pk, number, name in accounts}


def _named(names: dict[int, tuple[str, str]], account: int, **values: Any) -> AccountChange:
    number, name = names[account]
    return AccountChange(account_id=account, account_number=number, name=name, **values)


def _items(preview: BillRunPreview, figures: Figures) -> tuple[ItemTotal, ...]:
    known = preview.reference["bill_items"]
    nothing = [0, 0]
    return tuple(
        ItemTotal(
            code=known[item]["code"] if item in known else item,
            names=known[item]["names"] if item in known else {},
            service=known[item]["kind"] if item in known else "OTHER",
            line_count=figures.items.get(item, nothing)[0],
            net_minor=figures.items.get(item, nothing)[1],
            before_minor=figures.items_before.get(item, nothing)[1] if figures.before_count else None,
        )
        for item in sorted({*figures.items, *figures.items_before}, key=int)
    )
