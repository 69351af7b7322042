"""Who may speak to the gateway: bad requests counted and answered by a lock, words that are good once."""

from datetime import datetime, timedelta

from django.db.models import Q

from billing_site.audit.recording import record
from billing_site.db.sql import fetch_sql, run_sql
from billing_site.db.transactions import durable
from billing_site.identity.models import User
from payments.domain.trust import BAD_WITHIN, LOCKED_FOR, MOST_BAD, Distrust
from payments.models import BadSender, NetworkAlarm, TerminalNetwork, UsedNonce
from payments.operations.network_alarms import raise_network_alarm

# A request is noted as the last one seen at most so often: the row would otherwise be written by every payment.
SEEN_EVERY = timedelta(minutes=1)


@durable
def note_bad_sender(*, network_id: int | None, address: str, reason: Distrust, at: datetime) -> None:
    """
    Count a request that was not trusted; the tenth within a quarter of an hour locks its address for that long.

    :param network_id: none where the request named no network of ours
    :param address: as ``trust.counted_as`` gives it
    :param at: the machine's own instant
    """
    values = {
        "network_id": network_id,
        "address": address,
        "reason": str(reason),
        "at": at,
        "since": at - BAD_WITHIN,
        "most": MOST_BAD,
        "until": at + LOCKED_FOR,
    }
    ((count, is_locked),) = fetch_sql("payments", "count_bad_sender", values)
    if is_locked and network_id is not None:
        details = {"count": count, "reason": str(reason), "until": (at + LOCKED_FOR).isoformat()}
        raise_network_alarm(
            network_id=network_id, kind=NetworkAlarm.Kind.LOCKED, subject=address, details=details, at=at
        )


@durable
def note_network_seen(*, network_id: int, sender_id: int | None, at: datetime) -> None:
    """
    Note that a trusted request came, and begin to count the bad ones of its address anew.

    :param sender_id: the row that counts the address, where there is one
    """
    if sender_id is not None:
        BadSender.objects.filter(pk=sender_id).update(count=0, counted_from=at)
    stale = Q(seen_at__isnull=True) | Q(seen_at__lte=at - SEEN_EVERY)
    TerminalNetwork.objects.filter(stale, pk=network_id).update(seen_at=at)


@durable
def use_nonce(*, network_id: int, nonce: str, at: datetime) -> bool:
    """Use a network's word (64 signs at most); return whether it was good, that is, not used before."""
    values = {"network_id": network_id, "nonce": nonce, "at": at}
    return run_sql("payments", "use_nonce", values) == 1


@durable
def unlock_sender(*, sender_id: int, actor: User) -> BadSender:
    """Let an address in again before its time."""
    sender = BadSender.objects.select_for_update(of=("self",)).get(pk=sender_id)
    sender.locked_until, sender.count = None, 0
    sender.save(update_fields=["locked_until", "count"])
    record("payments.unlock_sender", actor=actor, subject=sender, changes={"address": sender.address})
    return sender


@durable
def forget_gateway_traces(*, before: datetime) -> int:
    """Delete words and counts that nothing reads any more; return how many."""
    words = UsedNonce.objects.filter(used_at__lt=before).delete()[0]
    return words + BadSender.objects.filter(last_at__lt=before).delete()[0]
