"""What of the allowances was used in the period of a bill: as rating had counted it when the bill was made."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from billing_site.core.names import name_in
from invoicing.models import Invoice, InvoiceLine
from rating.models import AllowanceBucket
from tariffs.models import Allowance

FULL = 100
PER_MINUTE, PER_MEGABYTE = 60, 1_000_000
MONTHS_A_YEAR = 12
# In the place of a subscription: the whole account's.
SHARED = 0


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


def paper_uses(
    *, invoice: Invoice, lines: Iterable[InvoiceLine], reference: Mapping[str, Any], language: str
) -> tuple[PaperUse, ...]:
    """
    Return the allowances of the plans on a bill, each once for each number, shared ones once, with what was used.

    A period of several months has the allowance anew in each.

    :param reference: what the run froze; an older one did not have what was used frozen with its bills
    """
    plans = {
        (line.subscription_id, line.plan_version_id): line.service
        for line in lines
        if line.subscription_id is not None and line.plan_version_id is not None
    }
    allowances = Allowance.objects.filter(plan_version_id__in={version for _line, version in plans}).order_by(
        "plan_version_id", "priority"
    )
    wanted: dict[tuple[int, int], tuple[Allowance, str]] = {}
    for allowance in allowances:
        for (subscription, version), service in sorted(plans.items()):
            if version == allowance.plan_version_id:
                is_shared = allowance.shared_by_account
                holder = SHARED if is_shared else subscription or SHARED
                wanted[holder, allowance.pk] = (allowance, "" if is_shared else service)
    found = []
    months = _months_begun(invoice)
    counted = _counted(invoice, wanted, reference)
    for key, (allowance, service) in wanted.items():
        used, carried = counted.get(key, (0, 0))
        found.append(
            PaperUse(
                name=name_in(allowance.names, language),
                service=service,
                unit=allowance.unit,
                used=used,
                whole=allowance.quantity * months + carried,
            )
        )
    return tuple(found)


def _counted(
    invoice: Invoice, wanted: Iterable[tuple[int, int]], reference: Mapping[str, Any]
) -> dict[tuple[int, int], tuple[int, int]]:
    """Return units used and carried into the period, by subscription (or ``SHARED``) and allowance."""
    if reference.get("freezes_uses"):
        return {(holder, allowance): (used, carried) for holder, allowance, used, carried in _frozen(invoice)}
    rows = AllowanceBucket.objects.filter(
        holder_id__in={holder or invoice.account_id for holder, _allowance in wanted},
        allowance_id__in={allowance for _holder, allowance in wanted},
        holder_kind__in=["A", "S"],
        period_start=invoice.period_from,
    ).values_list("holder_kind", "holder_id", "allowance_id", "used_units", "carried_units")
    return {
        (SHARED if kind == "A" else key, allowance): (used, carried) for kind, key, allowance, used, carried in rows
    }


def _frozen(invoice: Invoice) -> list[tuple[int, int, int, int]]:
    uses: list[tuple[int, int, int, int]] = invoice.frozen.get("uses", [])
    return uses


def _months_begun(invoice: Invoice) -> int:
    first, until = invoice.period_from, invoice.period_until
    whole = (until.year - first.year) * MONTHS_A_YEAR + until.month - first.month
    return max(1, whole + (until.day > first.day))
