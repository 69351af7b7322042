"""Reading networks: the list with what they took today, one with its senders and alarms."""

from datetime import date

from django.db.models import Count, F, IntegerField, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from payments.models import BadSender, NetworkAlarm, NetworkDay, TerminalNetwork

LATEST = 20


def list_networks(*, day: date) -> QuerySet[TerminalNetwork]:
    """
    Return every network with ``today_count``, ``today_minor`` (taken on ``day``), ``bad_at`` (when a request was last
    not trusted) and ``alarm_count`` (open).
    """
    today = NetworkDay.objects.filter(network=OuterRef("pk"), day=day)
    bad = BadSender.objects.filter(network=OuterRef("pk")).order_by("-last_at")
    alarms = (
        NetworkAlarm.objects.filter(network=OuterRef("pk"), settled_at__isnull=True)
        .order_by()
        .values("network")
        .annotate(n=Count("pk"))
    )
    return TerminalNetwork.objects.annotate(
        today_count=Coalesce(Subquery(today.values("count")), 0),
        today_minor=Coalesce(Subquery(today.values("amount_minor")), 0),
        bad_at=Subquery(bad.values("last_at")[:1]),
        alarm_count=Coalesce(Subquery(alarms.values("n"), output_field=IntegerField()), 0),
    )


def find_network_of_today(network_id: int, *, day: date) -> TerminalNetwork | None:
    """Return one network with the same additions."""
    return list_networks(day=day).filter(pk=network_id).first()


def bad_senders_of(network_id: int) -> tuple[BadSender, ...]:
    """Return the addresses that sent what could not be trusted, the latest first."""
    return tuple(BadSender.objects.filter(network_id=network_id).order_by("-last_at")[:LATEST])


def alarms_of(network_id: int) -> tuple[NetworkAlarm, ...]:
    """Return the alarms of a network: the open ones, then the latest of the settled ones."""
    rows = NetworkAlarm.objects.filter(network_id=network_id).select_related("settled_by")
    return tuple(rows.order_by(F("settled_at").desc(nulls_first=True), "-pk")[:LATEST])


def count_open_alarms() -> int:
    """Return how many alarms of the gateway nobody has settled."""
    return NetworkAlarm.objects.filter(settled_at__isnull=True).count()
