"""Usage that no posted bill holds yet: its records stay in reach."""

from datetime import date

from billing_site.db.sql import fetch_sql


def first_unbilled_period() -> date | None:
    """Return the first day of the oldest bill period with usage on no posted bill; ``None``: all is billed."""
    ((period,),) = fetch_sql("invoicing", "first_unbilled_period")
    return period if isinstance(period, date) else None
