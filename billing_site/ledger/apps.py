"""Application configuration."""

from django.apps import AppConfig


class LedgerConfig(AppConfig):
    """The books."""

    name = "billing_site.ledger"
    label = "ledger"
