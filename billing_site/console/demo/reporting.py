"""What the demo's reports tell: business numbers in the hands of staff, figures added up, a report that is sent."""

from billing_site.console.demo.customers import account_of
from billing_site.console.demo.places import staff
from billing_site.console.demo.scale import MONTH_START, TODAY, moment
from billing_site.console.demo.steps import Workforce
from billing_site.core import clock
from billing_site.documents.models import ReportOrder
from billing_site.documents.report_orders import order_report
from invoicing.operations.plan_revenue import total_plan_revenue
from payments.operations.daily_summaries import total_books
from payments.operations.debt_ages import AGE, start_debt_night
from rating.operations.staff_lines import follow_staff_lines
from subscribers.models import StaffLine, Subscription
from subscribers.operations.daily_counts import merge_daily_counts
from subscribers.operations.staff_lines import give_staff_line

# Minutes a month that employees of two firms have: few enough for some to talk longer.
EMPLOYEES = (("huge bill", "Daniel Ashworth", "0417", 5), ("closed group", "李晓梅", "1102", 60))


def give_numbers_to_staff() -> None:
    """Give what is missing, before the month is billed."""
    for story, employee, personnel_number, minutes in EMPLOYEES:
        line = Subscription.objects.filter(account=account_of(story), state="ACTIVE").order_by("pk").first()
        if line is None or StaffLine.objects.filter(subscription=line).exists():
            continue
        give_staff_line(
            subscription_id=line.pk,
            employee=employee,
            personnel_number=personnel_number,
            allowance_seconds=60 * minutes,
            from_on=max(MONTH_START, line.active_from or MONTH_START),
            actor=staff("specialist"),
        )


def report_figures() -> dict[str, int]:
    """Add the figures up as every quarter of an hour does, and have a report sent to the supervisor."""
    supervisor = staff("supervisor")
    if not ReportOrder.objects.filter(user=supervisor).exists():
        order_report(
            report="line-movements",
            rhythm=ReportOrder.Rhythm.DAILY,
            question={},
            mail_to="supervisor@meridian.example",
            from_on=TODAY,
            at=moment(TODAY, 9),
            actor=supervisor,
        )
    merge_daily_counts(today=TODAY)
    follow_staff_lines()
    total_plan_revenue(on=TODAY)
    marks = total_books(at=clock.now(), settle_seconds=0)
    return {"entries": marks["BOOKS"], "payments": marks["PAYMENTS"]}


def count_debt_ages(workforce: Workforce) -> dict[str, int]:
    """Count how old debts are, as every night does, once there are old ones."""
    night = start_debt_night(day=TODAY, at=clock.now())
    workforce.finish((AGE,))
    return {"halls with debts": night.ages.filter(account_count__gt=0).count()}
