"""Key accounts: which accounts are followed day by day."""

from datetime import date

from django.conf import settings
from django.db import connection

from billing_site.audit.recording import record
from billing_site.db.sql import run_sql
from billing_site.db.transactions import durable
from billing_site.identity.models import User
from rating.models import KeyAccountDay
from rating.queries.retention import first_whole_day
from subscribers.models import Account
from subscribers.operations.key_accounts import mark_key_account


@durable
def follow_key_account(*, account_id: int, is_key: bool, actor: User) -> Account:
    """
    Begin to follow an account day by day, or stop.

    What it used before is added up from its records that are still at hand, so that the first day is not today. Where
    it is no longer followed its days stay as they were.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('rating.follow_key_account'))")
    account = mark_key_account(account_id=account_id, is_key=is_key)
    if is_key:
        since = first_whole_day() or date.min
        KeyAccountDay.objects.filter(account_id=account_id, day__gte=since).delete()
        places = {"account": account_id, "zone": settings.SALDO_TIME_ZONE, "since": since}
        run_sql("rating", "fill_key_account", places)
    record("rating.follow_key_account", actor=actor, subject=account, changes={"is_key": is_key})
    return account
