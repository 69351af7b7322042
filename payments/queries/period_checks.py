"""What of payments stands in the way of closing an accounting period."""

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

from billing_site.core.periods import DatePeriod
from invoicing.queries.periods import OpenWork, PeriodCheck
from payments.queries.suspense import in_suspense


def payments_not_posted(days: DatePeriod) -> OpenWork:
    """Return the payments of the days of which something waits in suspense: its owner is not known."""
    count = in_suspense().filter(posted_on__gte=days.start, posted_on__lt=days.until).count()
    sentence = _("%(count)s payments are posted to no account.")
    return OpenWork(count=count, sentence=sentence % {"count": count} if count else "", url_name="payments:suspense")


PERIOD_CHECKS: Mapping[str, PeriodCheck] = {"PAYMENTS_POSTED": payments_not_posted}
