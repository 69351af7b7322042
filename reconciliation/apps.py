"""Application configuration."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _, pgettext_lazy

from billing_site.web.navigation import MenuEntry, MenuGroup, add_menu_entries
from billing_site.web.states import StateLook, Tone, add_state_looks

# Label, address, verb, order.
BOOK_MENU = (
    (_("Billing against accounting"), "book-comparisons", "view_book_comparisons", 50),
    (_("Differences from accounting"), "book-cases", "view_book_cases", 51),
    (_("Files of the accounting ledger"), "accounting-files", "view_accounting_files", 52),
    (_("Revenue transfers to accounting"), "revenue-transfers", "view_revenue_transfers", 53),
    (_("Classes of the accounting ledger"), "accounting-classes", "view_accounting_classes", 54),
    (_("Column maps of accounting files"), "accounting-maps", "view_accounting_classes", 55),
    (_("Causes of differences from accounting"), "book-causes", "view_accounting_classes", 56),
)
BOOK_LOOKS = {
    "CORRECTED": StateLook(label=pgettext_lazy("state", "Corrected"), tone=Tone.WARN),
    "GONE": StateLook(label=pgettext_lazy("state", "No longer there"), tone=Tone.QUIET),
    "PREPARED": StateLook(label=pgettext_lazy("state", "Prepared"), tone=Tone.WARN),
    "SENT": StateLook(label=pgettext_lazy("state", "Sent"), tone=Tone.GOOD),
}


class ReconciliationConfig(AppConfig):
    """Whether it agrees."""

    name = "reconciliation"

    def ready(self) -> None:
        """Add the menu's entry and the words of the states, and say what of the checks keeps a period open."""
        # Models are loaded only now.
        from invoicing.queries.periods import add_period_checks  # noqa: PLC0415
        from reconciliation.queries.period_checks import PERIOD_CHECKS  # noqa: PLC0415

        add_period_checks(PERIOD_CHECKS)
        add_state_looks(BOOK_LOOKS)
        add_menu_entries(
            MenuEntry(
                label=label,
                url_name=f"reconciliation:{name}",
                permission=f"reconciliation.{verb}",
                group=MenuGroup.CHECKS,
                order=order,
            )
            for label, name, verb, order in BOOK_MENU
        )
        add_state_looks(
            {
                "AGREED": StateLook(label=pgettext_lazy("state", "Agreed"), tone=Tone.GOOD),
                "DIFFERENT": StateLook(label=pgettext_lazy("state", "With differences"), tone=Tone.WARN),
                "MISSING": StateLook(label=pgettext_lazy("state", "No register"), tone=Tone.BAD),
                "ACCEPTED": StateLook(label=pgettext_lazy("state", "Being booked"), tone=Tone.BUSY),
                "BOOKED": StateLook(label=pgettext_lazy("state", "Booked"), tone=Tone.GOOD),
                "DISCARDED": StateLook(label=pgettext_lazy("state", "Thrown away"), tone=Tone.QUIET),
                "WAITING": StateLook(label=pgettext_lazy("state", "Not booked yet"), tone=Tone.QUIET),
                "MATCHED": StateLook(label=pgettext_lazy("state", "Matched"), tone=Tone.GOOD),
                "DUPLICATE": StateLook(label=pgettext_lazy("state", "Duplicate"), tone=Tone.QUIET),
                "NOT_A_RECEIPT": StateLook(label=pgettext_lazy("state", "No receipt"), tone=Tone.QUIET),
                "RESOLVED": StateLook(label=pgettext_lazy("state", "Settled"), tone=Tone.GOOD),
                "EXPLAINED": StateLook(label=pgettext_lazy("state", "Explained"), tone=Tone.WARN),
                "CONFIRMED": StateLook(label=pgettext_lazy("state", "Confirmed"), tone=Tone.GOOD),
                "UNCONFIRMED": StateLook(label=pgettext_lazy("state", "Waits for the register"), tone=Tone.QUIET),
                "LEFT_AS_IT_IS": StateLook(label=pgettext_lazy("state", "Accepted as it is"), tone=Tone.WARN),
                "REVERSED": StateLook(label=pgettext_lazy("state", "Taken back"), tone=Tone.QUIET),
            }
        )
        add_menu_entries(
            [
                MenuEntry(
                    label=_("Daily terminal check"),
                    url_name="reconciliation:terminal-checks",
                    permission="reconciliation.view_terminal_checks",
                    group=MenuGroup.CHECKS,
                    order=10,
                ),
                MenuEntry(
                    label=_("Differences of the terminals"),
                    url_name="reconciliation:discrepancies",
                    permission="reconciliation.view_terminal_checks",
                    group=MenuGroup.CHECKS,
                    order=11,
                ),
                MenuEntry(
                    label=_("Confirmed payments of the terminals"),
                    url_name="reconciliation:terminal-payments",
                    permission="reconciliation.view_terminal_checks",
                    group=MenuGroup.CHECKS,
                    order=12,
                ),
                MenuEntry(
                    label=_("Pieces of the supply division"),
                    url_name="reconciliation:supply-day",
                    permission="reconciliation.view_supply",
                    group=MenuGroup.CHECKS,
                    order=13,
                ),
                MenuEntry(
                    label=_("Sales of the centres"),
                    url_name="reconciliation:sales-day",
                    permission="reconciliation.view_supply",
                    group=MenuGroup.CHECKS,
                    order=14,
                ),
                MenuEntry(
                    label=_("Bank statements"),
                    url_name="reconciliation:statements",
                    permission="reconciliation.view_statements",
                    group=MenuGroup.CHECKS,
                    order=20,
                ),
                MenuEntry(
                    label=_("Lines without an owner"),
                    url_name="reconciliation:open-lines",
                    permission="reconciliation.view_statements",
                    group=MenuGroup.CHECKS,
                    order=21,
                ),
            ]
        )
