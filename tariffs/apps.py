"""Application configuration."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _, pgettext_lazy

from billing_site.web.navigation import MenuEntry, MenuGroup, add_menu_entries
from billing_site.web.states import StateLook, Tone, add_state_looks


class TariffsConfig(AppConfig):
    """What we sell."""

    name = "tariffs"
    verbose_name = _("Tariffs")

    def ready(self) -> None:
        """Add the menu's entries and the words of the states."""
        add_state_looks({"APPROVED": StateLook(label=pgettext_lazy("state", "Approved"), tone=Tone.GOOD)})
        add_menu_entries(
            [
                MenuEntry(
                    label=_("Calendar"),
                    url_name="tariffs:calendar",
                    permission="tariffs.view_calendar",
                    group=MenuGroup.TARIFFS,
                    order=60,
                ),
                MenuEntry(
                    label=_("Promotions"),
                    url_name="tariffs:promotions",
                    permission="tariffs.view_promotions",
                    group=MenuGroup.TARIFFS,
                    order=50,
                ),
                MenuEntry(
                    label=_("Contract terms"),
                    url_name="tariffs:contract-terms",
                    permission="tariffs.view_promotions",
                    group=MenuGroup.TARIFFS,
                    order=65,
                ),
                MenuEntry(
                    label=_("Usage categories"),
                    url_name="tariffs:usage-categories",
                    permission="tariffs.view_usage_categories",
                    group=MenuGroup.TARIFFS,
                    order=70,
                ),
            ]
        )
