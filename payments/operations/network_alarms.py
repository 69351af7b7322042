"""Alarms of the gateway: raised by what a network sends, settled by a person in words."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db.models import F

from billing_site.audit.recording import record
from billing_site.core.errors import BillingError
from billing_site.core.messages import gettext_noop
from billing_site.db.transactions import durable, lock_rows, transaction_required
from billing_site.identity.models import User
from payments.models import NetworkAlarm


class AlarmSettled(BillingError):
    """Somebody wrote down before what came of it."""

    default_message = gettext_noop("Alarm %(alarm)s is settled already.")
    default_code = "ALARM_SETTLED"


class AlarmWithoutWords(BillingError):
    """Nobody would know what came of it."""

    default_message = gettext_noop("Write down what came of the alarm.")
    default_code = "ALARM_WITHOUT_WORDS"


@transaction_required
def raise_network_alarm(
    *, network_id: int, kind: str, subject: str, details: Mapping[str, Any], at: datetime
) -> NetworkAlarm:
    """
    Raise an alarm, or count it once more while it is open; the latest details stand.

    :param subject: the transaction, or the address
    """
    first = NetworkAlarm(
        network_id=network_id, kind=kind, subject=subject[:64], details=dict(details), raised_at=at, last_at=at
    )
    NetworkAlarm.objects.bulk_create([first], ignore_conflicts=True)
    alarm = NetworkAlarm.objects.select_for_update(of=("self",)).get(
        network_id=network_id, kind=kind, subject=first.subject, settled_at__isnull=True
    )
    if alarm.raised_at != at:
        NetworkAlarm.objects.filter(pk=alarm.pk).update(times=F("times") + 1, last_at=at, details=dict(details))
    return alarm


@durable
def settle_network_alarm(*, alarm_id: int, note: str, settled_at: datetime, actor: User) -> NetworkAlarm:
    """
    Write down what came of an alarm.

    :raises AlarmWithoutWords: without a note
    :raises AlarmSettled: if it was settled before
    """
    if not note.strip():
        raise AlarmWithoutWords
    (alarm,) = lock_rows(NetworkAlarm.objects.all(), [alarm_id])
    if alarm.settled_at is not None:
        raise AlarmSettled(context={"alarm": alarm.pk})
    alarm.settled_at, alarm.settled_by, alarm.note = settled_at, actor, note.strip()
    alarm.save(update_fields=["settled_at", "settled_by", "note"])
    record("payments.settle_network_alarm", actor=actor, subject=alarm, changes={"note": alarm.note})
    return alarm
