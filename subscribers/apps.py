"""Application configuration."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _, pgettext_lazy

from billing_site.web.navigation import MenuEntry, MenuGroup, add_menu_entries
from billing_site.web.states import StateLook, Tone, add_state_looks
from tariffs.queries.plan_uses import answer_plan_uses


class SubscribersConfig(AppConfig):
    """Who has what."""

    name = "subscribers"
    verbose_name = _("Subscribers")

    def ready(self) -> None:
        """Put the pages into the menu, and say how the states of lines, orders and notices look, and who has a plan."""
        from subscribers.queries.plan_holders import count_plan_holders  # noqa: PLC0415 - needs the loaded models

        answer_plan_uses(holders=count_plan_holders)
        add_menu_entries(
            [
                MenuEntry(
                    label=_("Number ranges"),
                    url_name="subscribers:number-ranges",
                    permission="subscribers.view_number_ranges",
                    group=MenuGroup.SUBSCRIBERS,
                    order=60,
                ),
                MenuEntry(
                    label=_("Notices to subscribers"),
                    url_name="subscribers:notices",
                    permission="subscribers.view_notices",
                    group=MenuGroup.SUBSCRIBERS,
                    order=70,
                ),
                MenuEntry(
                    label=_("Closed groups"),
                    url_name="subscribers:user-groups",
                    permission="subscribers.view_user_groups",
                    group=MenuGroup.SUBSCRIBERS,
                    order=65,
                ),
                MenuEntry(
                    label=_("Bill cycles"),
                    url_name="subscribers:bill-cycles",
                    permission="subscribers.view_bill_cycles",
                    group=MenuGroup.BILLS,
                    order=75,
                ),
                MenuEntry(
                    label=_("Words of the letters"),
                    url_name="subscribers:view-letter-texts",
                    permission="subscribers.view_letter_texts",
                    group=MenuGroup.BILLS,
                    order=86,
                ),
                MenuEntry(
                    label=_("Customer groups"),
                    url_name="subscribers:customer-groups",
                    permission="subscribers.view_customer_groups",
                    group=MenuGroup.SUBSCRIBERS,
                    order=62,
                ),
            ]
        )
        add_state_looks(
            {
                "RESTRICTED": StateLook(label=pgettext_lazy("state", "Outgoing calls barred"), tone=Tone.WARN),
                "STOPPED": StateLook(label=pgettext_lazy("state", "All calls barred"), tone=Tone.BAD),
                "RESTORED": StateLook(label=pgettext_lazy("state", "Free again"), tone=Tone.GOOD),
                "WAITING": StateLook(label=pgettext_lazy("state", "Waiting"), tone=Tone.BUSY),
                "SENT": StateLook(label=pgettext_lazy("state", "Sent"), tone=Tone.GOOD),
                "TOLD": StateLook(label=pgettext_lazy("state", "Told"), tone=Tone.GOOD),
                "WITHDRAWN": StateLook(label=pgettext_lazy("state", "Withdrawn"), tone=Tone.QUIET),
                "REFUSED": StateLook(label=pgettext_lazy("state", "Refused"), tone=Tone.QUIET),
            }
        )
