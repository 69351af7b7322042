"""Worked examples of a draft: written as a whole, their results kept with the digest of what was priced."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import Max

from billing_site.audit.recording import record
from billing_site.core.errors import BillingError
from billing_site.core.messages import gettext_noop
from billing_site.core.money import decimal_to_micro
from billing_site.core.quantities import Unit
from billing_site.db.transactions import durable, transaction_required
from billing_site.identity.models import User
from tariffs.models import PlanVersion, TestCall, Zone
from tariffs.operations.amounts import check_amount
from tariffs.operations.codes import rows_by_code
from tariffs.operations.editing import refuse_moved_on
from tariffs.operations.lifecycle import lock_draft, named

MAX_CALLS = 1_000


class TooManyExamples(BillingError):
    """More examples than a run prices at once."""

    default_message = gettext_noop("A version has at most %(most)s worked examples; these are %(count)s.")
    default_code = "TOO_MANY_EXAMPLES"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewTestCall:
    """A worked example: a number as dialled or the code of a zone, when, how much, and the amount that is expected."""

    started_at: datetime
    quantity: int
    expected: Decimal
    called: str = ""
    zone_code: str = ""
    unit: str = Unit.SECONDS
    calling: str = ""
    customer_category: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExampleResult:
    """What pricing gave for an example: micro units or ``None`` where there is no price, and the sentences why."""

    call_id: int
    got_micro: int | None
    trace: Sequence[dict[str, Any]] = field(default_factory=tuple)


@durable
def set_test_calls(
    *, version_id: int, seen_revision: int, calls: Sequence[NewTestCall], actor: User | None
) -> PlanVersion:
    """
    Write the worked examples of a draft in the place of those that are there; none has a result yet.

    :param seen_revision: the revision that the person looked at
    :raises VersionNotDraft: if it is no draft
    :raises VersionMovedOn: if the draft was changed since
    :raises TooManyExamples: for more than a thousand
    :raises AmountTooPrecise: for an expected amount with more than six decimals
    :raises UnknownCode: for a zone that does not exist
    """
    version = lock_draft(version_id=version_id)
    refuse_moved_on(version, seen_revision=seen_revision)
    TestCall.objects.filter(plan_version=version).delete()
    add_test_calls(version=version, calls=calls)
    record("tariffs.set_test_calls", actor=actor, subject=version, changes={**named(version), "examples": len(calls)})
    return version


@transaction_required
def add_test_calls(*, version: PlanVersion, calls: Sequence[NewTestCall]) -> None:
    """
    Write worked examples after those of a locked draft, and count the change.

    :raises BillingError: what ``set_test_calls`` refuses
    """
    last = TestCall.objects.filter(plan_version=version).aggregate(last=Max("position"))["last"] or 0
    if last + len(calls) > MAX_CALLS:
        raise TooManyExamples(context={"most": MAX_CALLS, "count": last + len(calls)})
    zones = rows_by_code(Zone.objects.all(), [call.zone_code for call in calls if call.zone_code])
    TestCall.objects.bulk_create(
        TestCall(
            plan_version=version,
            position=position,
            note=call.note,
            calling=call.calling,
            called=call.called,
            zone=zones[call.zone_code] if call.zone_code else None,
            unit=call.unit,
            quantity=call.quantity,
            started_at=call.started_at,
            customer_category=call.customer_category,
            expected_micro=decimal_to_micro(check_amount(call.expected, name=f"{position}")),
        )
        for position, call in enumerate(calls, start=last + 1)
    )
    version.revision += 1
    version.save(update_fields=["revision"])


@transaction_required
def store_test_results(
    *, results: Sequence[ExampleResult], contents_digest: str, run_at: datetime, actor: User | None
) -> int:
    """Keep what pricing a draft gave, under the digest of what was priced; return how many examples are green."""
    calls = TestCall.objects.in_bulk([result.call_id for result in results])
    for result in results:
        call = calls[result.call_id]
        is_green = result.got_micro is not None and result.got_micro == call.expected_micro
        call.result = TestCall.Result.GREEN if is_green else TestCall.Result.RED
        call.got_micro = result.got_micro
        call.trace = list(result.trace)
        call.contents_digest, call.run_at, call.run_by = contents_digest, run_at, actor
    columns = ["result", "got_micro", "trace", "contents_digest", "run_at", "run_by"]
    TestCall.objects.bulk_update(calls.values(), columns, batch_size=200)
    return sum(call.result == TestCall.Result.GREEN for call in calls.values())
