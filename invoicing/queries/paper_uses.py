"""What of the allowances was used in the period of a bill: as rating counted it."""

from collections.abc import Iterable
from dataclasses import dataclass

from billing_site.core.names import name_in
from invoicing.models import Invoice, InvoiceLine
from rating.models import AllowanceBucket
from tariffs.models import Allowance

FULL = 100
PER_MINUTE, PER_MEGABYTE = 60, 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperUse:
    """
    An allowance of a number (or of the whole account) and how much of it was used.

    ``used`` and ``whole`` are seconds, events, bytes or millionths of the currency, as ``unit`` says.
    """

    name: str
    service: str
    unit: str
    used: int
    whole: int

    @property
    def percent(self) -> int:
        """How much of it was used, at most all."""
        return min(self.used * FULL // self.whole, FULL) if self.whole else 0

    @property
    def rest(self) -> int:
        """How much of it is left, in per cent."""
        return FULL - self.percent

    @property
    def used_minutes(self) -> int:
        """Begun minutes that were used."""
        return -(-self.used // PER_MINUTE)

    @property
    def whole_minutes(self) -> int:
        """Minutes that may be used."""
        return self.whole // PER_MINUTE

    @property
    def used_megabytes(self) -> int:
        """Begun megabytes that were used."""
        return -(-self.used // PER_MEGABYTE)

    @property
    def whole_megabytes(self) -> int:
        """Megabytes that may be used."""
        return self.whole // PER_MEGABYTE


def paper_uses(*, invoice: Invoice, lines: Iterable[InvoiceLine], language: str) -> tuple[PaperUse, ...]:
    """Return the allowances of the plans on a bill, each once for each number, shared ones once, with what was used."""
    plans = {
        (line.subscription_id, line.plan_version_id): line.service
        for line in lines
        if line.subscription_id is not None and line.plan_version_id is not None
    }
    allowances = Allowance.objects.filter(plan_version_id__in={version for _line, version in plans}).order_by(
        "plan_version_id", "priority"
    )
    wanted: dict[tuple[str, int, int], tuple[Allowance, str]] = {}
    for allowance in allowances:
        for (subscription, version), service in sorted(plans.items()):
            if version == allowance.plan_version_id:
                is_shared = allowance.shared_by_account
                holder = ("A", invoice.account_id) if is_shared else ("S", subscription or 0)
                wanted[*holder, allowance.pk] = (allowance, "" if is_shared else service)
    buckets = _buckets(invoice, wanted)
    found = []
    for key, (allowance, service) in wanted.items():
        used, carried = buckets.get(key, (0, 0))
        found.append(
            PaperUse(
                name=name_in(allowance.names, language),
                service=service,
                unit=allowance.unit,
                used=used,
                whole=allowance.quantity + carried,
            )
        )
    return tuple(found)


def _buckets(invoice: Invoice, wanted: Iterable[tuple[str, int, int]]) -> dict[tuple[str, int, int], tuple[int, int]]:
    keys = list(wanted)
    if not keys:
        return {}
    rows = AllowanceBucket.objects.filter(
        holder_id__in={holder for _kind, holder, _allowance in keys},
        allowance_id__in={allowance for _kind, _holder, allowance in keys},
        holder_kind__in=["A", "S"],
        period_start=invoice.period_from,
    ).values_list("holder_kind", "holder_id", "allowance_id", "used_units", "carried_units")
    return {(kind, holder, allowance): (used, carried) for kind, holder, allowance, used, carried in rows}
