"""Application configuration."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _, pgettext_lazy

from billing_site.web.navigation import MenuEntry, MenuGroup, add_menu_entries
from billing_site.web.states import StateLook, Tone, add_state_looks


class PaymentsConfig(AppConfig):
    """What they paid."""

    name = "payments"

    def ready(self) -> None:
        """Add the menu's entry and the words of the states, and say what of payments keeps a period open."""
        # Models are loaded only now.
        from invoicing.queries.periods import add_period_checks  # noqa: PLC0415
        from payments.queries.period_checks import PERIOD_CHECKS  # noqa: PLC0415

        add_period_checks(PERIOD_CHECKS)
        add_state_looks({"SUSPENSE": StateLook(label=pgettext_lazy("state", "In suspense"), tone=Tone.WARN)})
        add_menu_entries(
            [
                MenuEntry(
                    label=_("Payments"),
                    url_name="payments:payments",
                    permission="payments.view_payments",
                    group=MenuGroup.PAYMENTS,
                    order=10,
                )
            ]
        )
