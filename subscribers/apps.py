"""Application configuration."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _, pgettext_lazy

from billing_site.web.navigation import MenuEntry, MenuGroup, add_menu_entries
from billing_site.web.states import StateLook, Tone, add_state_looks
from tariffs.queries.plan_uses import answer_plan_uses

MENU = (
    (_("Free numbers"), "subscribers:free-numbers", "subscribers.view_number_ranges", MenuGroup.SUBSCRIBERS, 59),
    (_("Number ranges"), "subscribers:number-ranges", "subscribers.view_number_ranges", MenuGroup.SUBSCRIBERS, 60),
    (_("Notices to subscribers"), "subscribers:notices", "subscribers.view_notices", MenuGroup.SUBSCRIBERS, 70),
    (_("Closed groups"), "subscribers:user-groups", "subscribers.view_user_groups", MenuGroup.SUBSCRIBERS, 65),
    (_("Bill cycles"), "subscribers:bill-cycles", "subscribers.view_bill_cycles", MenuGroup.BILLS, 75),
    (_("Words of the letters"), "subscribers:view-letter-texts", "subscribers.view_letter_texts", MenuGroup.BILLS, 86),
    (
        _("Customer groups"),
        "subscribers:customer-groups",
        "subscribers.view_customer_groups",
        MenuGroup.SUBSCRIBERS,
        62,
    ),
)


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
                MenuEntry(label=label, url_name=url_name, permission=permission, group=group, order=order)
                for label, url_name, permission, group, order in MENU
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
