"""Application configuration."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from billing_site.web.navigation import MenuEntry, MenuGroup, add_menu_entries


class TariffsConfig(AppConfig):
    """What we sell."""

    name = "tariffs"
    verbose_name = _("Tariffs")

    def ready(self) -> None:
        """Put the pages into the menu."""
        add_menu_entries(
            [
                MenuEntry(
                    label=_("Calendar"),
                    url_name="tariffs:calendar",
                    permission="tariffs.view_calendar",
                    group=MenuGroup.TARIFFS,
                    order=60,
                ),
            ]
        )
