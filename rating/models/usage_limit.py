"""
Money thresholds against line theft: what may be used in a bill period, the notices given on the way, the rules that
look for fraud and what they found.
"""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import F, Q, Value
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from billing_site.db.fields import micro_field
from billing_site.identity.models import User
from billing_site.jobs.models import Job
from subscribers.models import Account, Subscription


class UsageLimit(models.Model):
    """
    What may be used in a bill period, in money, during a time.

    Of an account, of one of its lines, or (without an account) the operator's for every account of a category that has
    none of its own. The lower of the operator's and the subscriber's holds; one lifted once replaces both until its
    bill period ends.
    """

    class Kind(models.TextChoices):
        """Who set it."""

        OPERATOR = "OPERATOR", _("Operator")
        SUBSCRIBER = "SUBSCRIBER", _("Subscriber")
        ONCE = "ONCE", _("Lifted once")

    account = models.ForeignKey(Account, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    subscription = models.ForeignKey(Subscription, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    category = models.CharField(max_length=16, blank=True, choices=Account.Category.choices)
    kind = models.CharField(max_length=16, choices=Kind.choices)
    amount_micro = micro_field()
    during = DateTimeRangeField()
    reason = models.CharField(max_length=300, blank=True)
    # Who entered it; nobody: the system or the subscriber himself.
    set_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        """Never two of a kind at once; what is lifted once ends and says why."""

        constraints = [
            ExclusionConstraint(
                name="rating_usagelimit_one_at_a_time",
                expressions=[
                    (Coalesce(F("account_id"), Value(0)), RangeOperators.EQUAL),
                    (Coalesce(F("subscription_id"), Value(0)), RangeOperators.EQUAL),
                    ("category", RangeOperators.EQUAL),
                    ("kind", RangeOperators.EQUAL),
                    ("during", RangeOperators.OVERLAPS),
                ],
            ),
            models.CheckConstraint(name="rating_usagelimit_amount_positive", condition=Q(amount_micro__gt=0)),
            models.CheckConstraint(
                name="rating_usagelimit_is_of_one",
                condition=(Q(account__isnull=False) & Q(category=""))
                | (Q(account__isnull=True, subscription__isnull=True, kind="OPERATOR") & ~Q(category="")),
            ),
            models.CheckConstraint(
                name="rating_usagelimit_once_says_why",
                condition=~Q(kind="ONCE") | (Q(during__upper_inf=False) & ~Q(reason="")),
            ),
        ]
        indexes = [models.Index(fields=["account", "-id"], name="rating_usagelimit_account")]

    def __str__(self) -> str:
        """Show whose and which."""
        return f"{self.account_id or self.category} {self.kind}"


class LimitNotice(models.Model):
    """A share of a limit that a total has reached: given once for a limit and a bill period, never changed."""

    limit = models.ForeignKey(UsageLimit, on_delete=models.PROTECT, related_name="+")
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+")
    subscription = models.ForeignKey(Subscription, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    # The total of rated records that reached it: the account's (or line's) of this bill period.
    bill_period = models.DateField()
    percent = models.PositiveSmallIntegerField()
    used_micro = micro_field()
    limit_micro = micro_field()
    # Whether the bill period was running, so that the last one bars outgoing calls.
    is_running = models.BooleanField()
    # The rating run that was checked; null: the limit was changed.
    job = models.ForeignKey(Job, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    given_at = models.DateTimeField()

    class Meta:
        """Once; and only what was really reached."""

        constraints = [
            models.UniqueConstraint(
                F("account"),
                Coalesce(F("subscription"), Value(0)),
                F("bill_period"),
                F("limit"),
                F("percent"),
                name="rating_limitnotice_once",
            ),
            models.CheckConstraint(name="rating_limitnotice_percent", condition=Q(percent__in=[50, 80, 100])),
            models.CheckConstraint(
                name="rating_limitnotice_is_reached",
                condition=Q(used_micro__gte=F("limit_micro") * F("percent") / 100),
            ),
        ]

    def __str__(self) -> str:
        """Show whose and how much."""
        return f"{self.account_id} {self.bill_period} {self.percent} %"
