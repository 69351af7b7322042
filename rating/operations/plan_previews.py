"""What a draft would do, before it does it: usage of months that are over is priced again, and nothing is changed."""

from datetime import date
from itertools import pairwise

from django.db.models import Count, Sum

from billing_site.audit.recording import SYSTEM, record
from billing_site.core.errors import BillingError
from billing_site.core.messages import gettext_noop
from billing_site.core.money import decimal_to_micro
from billing_site.core.periods import DatePeriod, add_months
from billing_site.db.transactions import durable, transaction_required
from billing_site.identity.models import User
from billing_site.jobs.models import Job
from billing_site.jobs.progress import cancel_job, start_job
from billing_site.jobs.work import add_work
from rating.domain.usage_months import UsageMonths
from rating.engine.stages import PREVIEW_PIECE, item_key
from rating.models import PlanPreview, PlanPreviewFee, UsageTotal
from rating.queries.plan_previews import digest_of_version
from subscribers.models import BillCycle
from subscribers.queries.plan_scopes import PlanScope, find_plan_scope
from tariffs.models import PlanVersion, Price
from tariffs.operations.lifecycle import lock_version, named

JOB_KIND = "rating.preview_plan_version"
RECORDS_PER_PIECE = 250_000
LAST_ACCOUNT = 2**63 - 1
UNDER_WAY = (Job.State.QUEUED, Job.State.RUNNING, Job.State.PAUSED)


class VersionInForce(BillingError):
    """Its effect can be seen in the bills."""

    default_message = gettext_noop(
        "Version %(number)s of plan %(plan)s is published: only what is not in force yet can be tried."
    )
    default_code = "VERSION_IN_FORCE"


class MonthsNotOver(BillingError):
    """A part of a period would be compared with a whole one."""

    default_message = gettext_noop(
        "The periods of %(count)s months from %(first_month)s are not over for every bill cycle: choose earlier months."
    )
    default_code = "MONTHS_NOT_OVER"


class NobodyHadPlan(BillingError):
    """There is nothing to price."""

    default_message = gettext_noop("Nobody had plan %(plan)s in the months from %(first_month)s: nothing would change.")
    default_code = "NOBODY_HAD_PLAN"


class PreviewUnderWay(BillingError):
    """One at a time for each version."""

    default_message = gettext_noop(
        "Preview %(preview)s of this version is still under way: wait for it, or cancel it first."
    )
    default_code = "PREVIEW_UNDER_WAY"


@durable
def preview_plan_version(
    *,
    version_id: int,
    first_month: date,
    month_count: int = 1,
    on: date,
    actor: User | None,
    records_per_piece: int = RECORDS_PER_PIECE,
) -> PlanPreview:
    """
    Start to price months that are over as if a version that is not in force yet had been in force in them.

    Affected are the subscriptions that had the plan; allowances and counters begin untouched. The result does not
    depend on the sizes of the pieces, nor on how many workers do them.

    :param first_month: first day of the month in which the first usage period of each bill cycle begins
    :param on: today
    :param records_per_piece: records priced in one transaction, about
    :raises VersionInForce: if the version is published
    :raises PreviewUnderWay: if an earlier preview of it is not finished
    :raises MonthsNotOver: if a period of a cycle is not over
    :raises NobodyHadPlan: if no subscription had the plan in these periods
    """
    version = lock_version(version_id=version_id)
    months = UsageMonths(first_month=first_month, count=month_count)
    bill_days = dict(BillCycle.objects.values_list("pk", "bill_day"))
    _refuse(version, months, bill_days, on=on)
    periods = {cycle: months.of_cycle(day) for cycle, day in bill_days.items()}
    scope = _scope(version, months, periods, records_per_piece)
    title = gettext_noop("What version %(number)s of plan %(plan)s would do")
    job = start_job(
        kind=JOB_KIND,
        title=title,
        started_by=actor.username if actor else SYSTEM,
        stage=gettext_noop("Pricing again"),
        total_units=scope.subscription_count,
        parameters=named(version),
    )
    preview = PlanPreview.objects.create(
        plan_version=version,
        first_month=first_month,
        month_count=month_count,
        revision=version.revision,
        contents_digest=digest_of_version(version),
        subscription_count=scope.subscription_count,
        job=job,
        asked_by=actor,
    )
    _keep_fees(preview, months.around(bill_days))
    _add_pieces(preview, scope)
    changes = {"first_month": str(first_month), "months": month_count, "subscriptions": scope.subscription_count}
    record("rating.preview_plan_version", actor=actor, subject=version, changes={"preview": preview.pk, **changes})
    return preview


@durable
def cancel_plan_preview(*, preview_id: int, actor: User | None) -> PlanPreview:
    """
    End a preview after the pieces under way; what they found stays.

    :raises JobCannotChange: if it is finished
    """
    preview = PlanPreview.objects.select_related("plan_version").get(pk=preview_id)
    cancel_job(job_id=preview.job_id)
    record("rating.cancel_plan_preview", actor=actor, subject=preview.plan_version, changes={"preview": preview.pk})
    return preview


def _refuse(version: PlanVersion, months: UsageMonths, bill_days: dict[int, int], *, on: date) -> None:
    if version.state == PlanVersion.State.PUBLISHED:
        raise VersionInForce(context=named(version))
    earlier = PlanPreview.objects.filter(plan_version=version, job__state__in=UNDER_WAY).order_by("pk").first()
    if earlier is not None:
        raise PreviewUnderWay(context={"preview": earlier.pk})
    if not months.are_over(bill_days, on=on):
        raise MonthsNotOver(context={"count": months.count, "first_month": f"{months.first_month:%Y-%m}"})


def _scope(
    version: PlanVersion, months: UsageMonths, periods: dict[int, DatePeriod], records_per_piece: int
) -> PlanScope:
    known = UsageTotal.objects.filter(
        bill_period__gte=months.first_month, bill_period__lt=add_months(months.first_month, months.count)
    ).aggregate(records=Sum("record_count"), lines=Count("subscription_id", distinct=True))
    # Records of a line, about: never nothing, and never more than a piece.
    of_line = max(1, (known["records"] or 0) // max(1, known["lines"]))
    scope = find_plan_scope(plan_id=version.plan_id, periods=periods, per_piece=max(1, records_per_piece // of_line))
    if not scope.subscription_count:
        context = {"plan": version.plan.code, "first_month": f"{months.first_month:%Y-%m}"}
        raise NobodyHadPlan(context=context)
    return scope


@transaction_required
def _keep_fees(preview: PlanPreview, days: DatePeriod) -> None:
    """Write down the fees of every period: those in force at the end of the months, and the draft's."""
    version = preview.plan_version
    in_force = PlanVersion.objects.filter(
        plan=version.plan_id, state=PlanVersion.State.PUBLISHED, during__contains=days.last_day
    ).first()
    old, new = _fees(in_force), _fees(version)
    PlanPreviewFee.objects.bulk_create(
        PlanPreviewFee(preview=preview, bill_item_id=item, old_micro=old.get(item, 0), new_micro=new.get(item, 0))
        for item in sorted(old.keys() | new.keys())
    )


def _fees(version: PlanVersion | None) -> dict[int, int]:
    prices = Price.objects.filter(plan_version=version, kind=Price.Kind.RECURRING) if version else Price.objects.none()
    return {item: decimal_to_micro(amount) for item, amount in prices.values_list("bill_item_id", "amount")}


@transaction_required
def _add_pieces(preview: PlanPreview, scope: PlanScope) -> None:
    limits = [0, *(cut + 1 for cut in scope.cuts), LAST_ACCOUNT]
    items = {
        item_key(preview.job_id, piece): {
            "preview_id": preview.pk,
            "piece": piece,
            "first_account": first,
            "last_account": until - 1,
        }
        for piece, (first, until) in enumerate(pairwise(limits))
    }
    add_work(kind=PREVIEW_PIECE, job_id=preview.job_id, items=items)
