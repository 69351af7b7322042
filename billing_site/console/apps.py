"""Application configuration."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _, pgettext_lazy

from billing_site.web.navigation import MenuEntry, MenuGroup, add_menu_entries
from billing_site.web.states import StateLook, Tone, add_state_looks


class ConsoleConfig(AppConfig):
    """Pages that span the apps: home, search, card, jobs, books."""

    name = "billing_site.console"
    label = "console"

    def ready(self) -> None:
        """Add the menu's entries and the words of the ledger's kinds."""
        add_menu_entries(
            [
                MenuEntry(
                    label=_("Jobs"), url_name="console:jobs", permission="console.view_jobs", group=MenuGroup.SYSTEM
                ),
                MenuEntry(
                    label=_("Reference data"),
                    url_name="admin:index",
                    permission="identity.view_reference_data",
                    group=MenuGroup.SYSTEM,
                    order=200,
                ),
                MenuEntry(
                    label=_("Who did what"),
                    url_name="console:audit-log",
                    permission="audit.view_audit",
                    group=MenuGroup.SYSTEM,
                ),
                MenuEntry(
                    label=_("Check of the books"),
                    url_name="console:check-books",
                    permission="console.check_books",
                    group=MenuGroup.CHECKS,
                ),
                MenuEntry(
                    label=_("Accounts of the books"),
                    url_name="console:ledger-accounts",
                    permission="ledger.view_ledger",
                    group=MenuGroup.CHECKS,
                ),
            ]
        )
        add_state_looks(
            {
                "SUBSCRIBER": StateLook(label=_("Subscriber"), tone=Tone.QUIET),
                "EXPENSE": StateLook(label=pgettext_lazy("account of the books", "Expenses"), tone=Tone.QUIET),
                "REVENUE": StateLook(label=pgettext_lazy("account of the books", "Revenue"), tone=Tone.QUIET),
                "TAX": StateLook(label=pgettext_lazy("account of the books", "Tax owed"), tone=Tone.QUIET),
                "ROUNDING": StateLook(label=pgettext_lazy("account of the books", "Rounding"), tone=Tone.QUIET),
                "CLEARING": StateLook(label=pgettext_lazy("account of the books", "Money on its way"), tone=Tone.QUIET),
                "DEPOSIT": StateLook(label=pgettext_lazy("account of the books", "Deposits held"), tone=Tone.QUIET),
                "BAD_DEBT": StateLook(
                    label=pgettext_lazy("account of the books", "Debts written off"), tone=Tone.QUIET
                ),
            }
        )
