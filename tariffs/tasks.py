"""The handlers of the work of tariffs."""

from typing import Any

from billing_site.jobs.work import handles
from tariffs.operations.deck_orders import PREVIEW, carry_out_deck_preview
from tariffs.operations.long_work import LOAD, PUBLISH, carry_out_publication, carry_out_rate_deck


@handles(LOAD)
def load_rate_deck(payload: dict[str, Any]) -> None:
    """Take a large deck into its draft."""
    carry_out_rate_deck(payload)


@handles(PUBLISH)
def publish_plan_version(payload: dict[str, Any]) -> None:
    """Put a version with many prefixes in force."""
    carry_out_publication(payload)


@handles(PREVIEW)
def preview_rate_deck(payload: dict[str, Any]) -> None:
    """Find out what a large deck would do."""
    carry_out_deck_preview(payload)
