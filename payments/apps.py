"""Application configuration."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _, pgettext_lazy

from billing_site.web.navigation import MenuEntry, MenuGroup, add_menu_entries
from billing_site.web.states import StateLook, Tone, add_state_looks


class PaymentsConfig(AppConfig):
    """What they paid."""

    name = "payments"

    def ready(self) -> None:
        """Add the menu's entries and the words of the states; have notices of dunning asked for before they leave."""
        # Models are loaded only now.
        from payments.operations.dunning_cases import NOTICE_PREFIX, recheck_notice  # noqa: PLC0415
        from subscribers.operations.notices import guard_notices  # noqa: PLC0415

        guard_notices(prefix=NOTICE_PREFIX, guard=recheck_notice)
        add_state_looks(
            {
                "SUSPENSE": StateLook(label=pgettext_lazy("state", "In suspense"), tone=Tone.WARN),
                "PUBLISHED": StateLook(label=pgettext_lazy("state", "Published"), tone=Tone.GOOD),
                "KEPT": StateLook(label=pgettext_lazy("state", "Kept"), tone=Tone.GOOD),
                "BROKEN": StateLook(label=pgettext_lazy("state", "Broken"), tone=Tone.BAD),
            }
        )
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
