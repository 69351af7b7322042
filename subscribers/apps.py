"""Application configuration."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from billing_site.web.navigation import MenuEntry, MenuGroup, add_menu_entries


class SubscribersConfig(AppConfig):
    """Who has what."""

    name = "subscribers"
    verbose_name = _("Subscribers")

    def ready(self) -> None:
        """Put the pages into the menu."""
        add_menu_entries(
            [
                MenuEntry(
                    label=_("Number ranges"),
                    url_name="subscribers:number-ranges",
                    permission="subscribers.view_number_ranges",
                    group=MenuGroup.SUBSCRIBERS,
                    order=60,
                ),
            ]
        )
