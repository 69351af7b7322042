"""Application configuration."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _, pgettext_lazy

from billing_site.web.navigation import MenuEntry, MenuGroup, add_menu_entries
from billing_site.web.states import StateLook, Tone, add_state_looks

MENU = (
    MenuEntry(
        label=_("Plans"),
        url_name="tariffs:plans",
        permission="tariffs.view_plans",
        group=MenuGroup.TARIFFS,
        order=5,
    ),
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
        label=_("Zones"),
        url_name="tariffs:zones",
        permission="tariffs.view_zones",
        group=MenuGroup.TARIFFS,
        order=30,
    ),
    MenuEntry(
        label=_("Price ceilings"),
        url_name="tariffs:price-ceilings",
        permission="tariffs.view_price_ceilings",
        group=MenuGroup.TARIFFS,
        order=40,
    ),
    MenuEntry(
        label=_("Usage categories"),
        url_name="tariffs:usage-categories",
        permission="tariffs.view_usage_categories",
        group=MenuGroup.TARIFFS,
        order=70,
    ),
    MenuEntry(
        label=_("Services"),
        url_name="tariffs:features",
        permission="tariffs.view_plans",
        group=MenuGroup.TARIFFS,
        order=10,
    ),
    MenuEntry(
        label=_("Windows of the week"),
        url_name="tariffs:window-schemes",
        permission="tariffs.view_plans",
        group=MenuGroup.TARIFFS,
        order=58,
    ),
    MenuEntry(
        label=_("Bill items"),
        url_name="tariffs:bill-items",
        permission="tariffs.view_plans",
        group=MenuGroup.TARIFFS,
        order=68,
    ),
    MenuEntry(
        label=_("Categories of tax"),
        url_name="tariffs:tax-categories",
        permission="tariffs.view_plans",
        group=MenuGroup.TARIFFS,
        order=69,
    ),
    MenuEntry(
        label=_("Discounts"),
        url_name="tariffs:discounts",
        permission="tariffs.view_promotions",
        group=MenuGroup.TARIFFS,
        order=52,
    ),
    MenuEntry(
        label=_("Minimum commitments"),
        url_name="tariffs:commitments",
        permission="tariffs.view_promotions",
        group=MenuGroup.TARIFFS,
        order=66,
    ),
    MenuEntry(
        label=_("Rounding of totals to cash"),
        url_name="tariffs:cash-roundings",
        permission="tariffs.view_promotions",
        group=MenuGroup.TARIFFS,
        order=75,
    ),
    MenuEntry(
        label=_("Other providers"),
        url_name="tariffs:providers",
        permission="tariffs.view_promotions",
        group=MenuGroup.TARIFFS,
        order=80,
    ),
)


class TariffsConfig(AppConfig):
    """What we sell."""

    name = "tariffs"
    verbose_name = _("Tariffs")

    def ready(self) -> None:
        """Add the menu's entries and the words of the states."""
        add_menu_entries(MENU)
        add_state_looks(
            {
                "APPROVED": StateLook(label=pgettext_lazy("state", "Approved"), tone=Tone.GOOD),
                "SUBMITTED": StateLook(label=pgettext_lazy("state", "Waits for approval"), tone=Tone.WARN),
                "SCHEDULED": StateLook(label=pgettext_lazy("state", "Scheduled"), tone=Tone.BUSY),
                "LIVE": StateLook(label=pgettext_lazy("state", "In force"), tone=Tone.GOOD),
                "RETIRED": StateLook(label=pgettext_lazy("state", "Ended"), tone=Tone.QUIET),
                "GREEN": StateLook(label=pgettext_lazy("state", "As expected"), tone=Tone.GOOD),
                "RED": StateLook(label=pgettext_lazy("state", "Differs"), tone=Tone.BAD),
                "STALE": StateLook(label=pgettext_lazy("state", "Run before the last change"), tone=Tone.WARN),
                "ABSENT": StateLook(label=pgettext_lazy("state", "Not run"), tone=Tone.QUIET),
            }
        )
