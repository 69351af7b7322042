"""What a run's bills come to beside those of the old system."""

from dataclasses import dataclass

from django.db.models import BigIntegerField, Count, F, Q, QuerySet, Sum, Value
from django.db.models.functions import Abs, Coalesce

from invoicing.models import OldBill

ZERO = Value(0, output_field=BigIntegerField())
DIFFERENT = ~Q(difference_minor=0) | Q(old_minor__isnull=True) | Q(new_minor__isnull=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class OldBillSums:
    """How many bills were compared, how many differ, and what both sides come to in minor units."""

    compared_count: int
    different_count: int
    only_old_count: int
    only_new_count: int
    old_minor: int
    new_minor: int

    @property
    def difference_minor(self) -> int:
        """How much more the run's bills are."""
        return self.new_minor - self.old_minor


def old_bills(*, run_id: int, is_different: bool = False) -> "QuerySet[OldBill]":
    """
    Return the bills of a run beside the old ones, with ``difference_minor`` and its size ``distance_minor``.

    :param is_different: those alone that differ, or stand on one side
    """
    rows = OldBill.objects.filter(run_id=run_id).annotate(
        difference_minor=Coalesce(F("new_minor"), ZERO) - Coalesce(F("old_minor"), ZERO),
    )
    rows = rows.annotate(distance_minor=Abs(F("difference_minor")))
    return rows.filter(DIFFERENT) if is_different else rows


def sum_old_bills(*, run_id: int) -> OldBillSums:
    """Return the sums of the comparison of a run; zeros where nothing was compared."""
    rows = old_bills(run_id=run_id)
    found = rows.aggregate(
        compared=Count("pk"),
        different=Count("pk", filter=DIFFERENT),
        only_old=Count("pk", filter=Q(new_minor__isnull=True)),
        only_new=Count("pk", filter=Q(old_minor__isnull=True)),
        old=Coalesce(Sum("old_minor"), 0),
        new=Coalesce(Sum("new_minor"), 0),
    )
    return OldBillSums(
        compared_count=found["compared"],
        different_count=found["different"],
        only_old_count=found["only_old"],
        only_new_count=found["only_new"],
        old_minor=int(found["old"]),
        new_minor=int(found["new"]),
    )
