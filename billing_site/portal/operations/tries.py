"""Limits on how often something is tried: counted before it is tried, and kept whatever comes of it."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from billing_site.core.errors import BillingError
from billing_site.core.messages import gettext_noop
from billing_site.db.sql import fetch_sql
from billing_site.db.transactions import durable, transaction_required
from billing_site.portal.models import TryCounter

QUARTER = timedelta(minutes=15)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


class TriedTooOften(BillingError):
    """Said of a name that exists and of one that does not."""

    default_message = gettext_noop("That was tried too often. Wait a while, then try again.")
    default_code = "TRIED_TOO_OFTEN"


@dataclass(frozen=True, slots=True, kw_only=True)
class TryLimit:
    """At most ``most`` tries of a subject (a name, an address, both) within a stretch of time."""

    scope: str
    subject: str
    most: int
    within: timedelta
    is_of_name: bool = True

    @property
    def bucket(self) -> str:
        """The key of its counter: names are not kept in the clear."""
        return hashlib.sha256(f"{self.scope}\0{self.subject}".encode()).hexdigest()


def check_tries(*, limits: Iterable[TryLimit], at: datetime) -> None:
    """
    Count a try against every limit and refuse it where one is passed; the count stays although it is refused.

    :raises TriedTooOften: beyond a limit
    """
    if _count_tries(tuple(limits), at):
        raise TriedTooOften


@durable
def _count_tries(limits: tuple[TryLimit, ...], at: datetime) -> bool:
    """Return whether a limit is passed; counters are always moved in the order of their keys."""
    is_passed = False
    for limit in sorted(limits, key=lambda one: one.bucket):
        values = {"bucket": limit.bucket, "at": at, "since": at - limit.within}
        ((count,),) = fetch_sql("billing_site.portal", "count_try", values)
        is_passed = is_passed or count > limit.most
    return is_passed


@transaction_required
def forget_tries(*, limits: Iterable[TryLimit]) -> None:
    """Begin to count anew for who has shown that it was he."""
    TryCounter.objects.filter(bucket__in=[limit.bucket for limit in limits]).delete()


@durable
def forget_old_tries(*, before: datetime) -> int:
    """Delete counters that no limit reads any more and return how many."""
    return TryCounter.objects.filter(started_at__lt=before).delete()[0]


def sign_in_limits(*, name: str, address: str) -> tuple[TryLimit, ...]:
    """
    Return the limits of signing in: five wrong tries of a name from one address, twenty of a name from anywhere, sixty
    of an address whatever the name.
    """
    return (
        TryLimit(scope="sign-in", subject=f"{name}\0{address}", most=5, within=QUARTER),
        TryLimit(scope="sign-in", subject=name, most=20, within=HOUR),
        TryLimit(scope="sign-in", subject=f"\0{address}", most=60, within=QUARTER, is_of_name=False),
    )


def code_limits(*, name: str, address: str) -> tuple[TryLimit, ...]:
    """Return the limits of asking for a code: of a name three in a quarter of an hour and eight a day."""
    return (
        TryLimit(scope="code", subject=name, most=3, within=QUARTER),
        TryLimit(scope="code of a day", subject=name, most=8, within=DAY),
        TryLimit(scope="code", subject=f"\0{address}", most=20, within=HOUR),
    )


def detail_limits(*, login_id: int) -> tuple[TryLimit, ...]:
    """Return the limits of looking at calls and of ordering files of them: a person's, not a program's."""
    return (TryLimit(scope="details", subject=str(login_id), most=300, within=HOUR),)


def file_limits(*, login_id: int) -> tuple[TryLimit, ...]:
    """Return the limits of files that are made on demand: lists of calls, bundles of bills, certificates."""
    return (TryLimit(scope="files", subject=str(login_id), most=40, within=DAY),)
