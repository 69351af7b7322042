"""Application configuration."""

from django.apps import AppConfig
from django.conf import settings

from billing_site.core.money import configure_currency_digits


class DbConfig(AppConfig):
    """How we talk to Postgres."""

    name = "billing_site.db"
    label = "db"

    def ready(self) -> None:
        """Give the clock its movable offset and its zone, and the operator's currency its digits."""
        # Models may be imported only once the registry is ready.
        from billing_site.db.clock_offset import install_clock  # noqa: PLC0415

        install_clock()
        configure_currency_digits(digits={settings.SALDO_CURRENCY: settings.SALDO_CURRENCY_DIGITS})
