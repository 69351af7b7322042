"""Application configuration."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _, pgettext_lazy

from billing_site.web.navigation import MenuEntry, MenuGroup, add_menu_entries
from billing_site.web.states import StateLook, Tone, add_state_looks


class PortalConfig(AppConfig):
    """The subscriber's own pages."""

    name = "billing_site.portal"
    label = "portal"
    verbose_name = _("Subscribers' own pages")

    def ready(self) -> None:
        """Add the staff's entry and the words of the states of logins and of lines in dispute."""
        add_menu_entries(
            [
                MenuEntry(
                    label=_("Logins of subscribers"),
                    url_name="portal:logins",
                    permission="portal.view_logins",
                    group=MenuGroup.SUBSCRIBERS,
                    order=90,
                )
            ]
        )
        add_state_looks(
            {
                "INVITED": StateLook(label=pgettext_lazy("login of a subscriber", "Not used yet"), tone=Tone.QUIET),
                "LOCKED": StateLook(label=pgettext_lazy("login of a subscriber", "Locked"), tone=Tone.BAD),
                "DISPUTED": StateLook(label=pgettext_lazy("line of a bill", "Disputed"), tone=Tone.WARN),
                "CREDITED": StateLook(label=pgettext_lazy("line of a bill", "Credited to you"), tone=Tone.GOOD),
            }
        )
