"""Prefixes of rate decks: they wait with the draft and lead to their zones from the version's first day on."""

from billing_site.db.ranges import date_period
from billing_site.db.sql import fetch_sql, run_sql
from billing_site.db.transactions import transaction_required
from tariffs.models import PlanVersion, RateDeck
from tariffs.operations.zones import PrefixChangeTooEarly


@transaction_required
def activate_deck_prefixes(*, version: PlanVersion) -> int:
    """
    Let the prefixes of a version's decks lead to their zones; the last deck stands. Return how many are new or moved.

    :raises PrefixChangeTooEarly: if a prefix leads elsewhere from that day or a later one on
    """
    if not RateDeck.objects.filter(plan_version=version).exists():
        return 0
    values = {"version_id": version.pk, "valid_from": date_period(version.during).start}
    for prefix, first in fetch_sql("tariffs", "find_late_prefixes", values):
        raise PrefixChangeTooEarly(context={"prefix": prefix, "first": first})
    run_sql("tariffs", "end_moved_prefixes", values)
    return run_sql("tariffs", "begin_deck_prefixes", values)
