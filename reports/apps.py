"""Application configuration."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from billing_site.web.navigation import MenuEntry, MenuGroup, add_menu_entries


class ReportsConfig(AppConfig):
    """What we tell; it cannot write."""

    name = "reports"

    def ready(self) -> None:
        """Add the menu's entries."""
        add_menu_entries(
            [
                MenuEntry(
                    label=_("Reports"),
                    url_name="reports:reports",
                    permission="reports.view_reports",
                    group=MenuGroup.REPORTS,
                    order=10,
                )
            ]
        )
