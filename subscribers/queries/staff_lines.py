"""Who of an account's people has which number."""

from datetime import datetime

from django.db.models import OuterRef, QuerySet, Subquery

from subscribers.models import NumberAssignment, StaffLine


def staff_lines_of(*, account_id: int, at: datetime) -> "QuerySet[StaffLine]":
    """Return the employees of an account, past ones too, with ``line_number``: the number that the line has."""
    held = NumberAssignment.objects.filter(subscription=OuterRef("subscription"), during__contains=at)
    number = Subquery(held.order_by("number").values("number")[:1])
    lines = StaffLine.objects.filter(subscription__account_id=account_id)
    return lines.select_related("subscription").annotate(line_number=number)
