"""Application configuration."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _, pgettext_lazy

from billing_site.web.navigation import MenuEntry, MenuGroup, add_menu_entries
from billing_site.web.states import StateLook, Tone, add_state_looks
from tariffs.queries.plan_uses import answer_plan_uses

MENU = (
    MenuEntry(
        label=_("Usage files"),
        url_name="rating:usage-files",
        permission="rating.view_intake",
        group=MenuGroup.USAGE,
        order=10,
    ),
    MenuEntry(
        label=_("Sources of usage"),
        url_name="rating:usage-sources",
        permission="rating.view_intake",
        group=MenuGroup.USAGE,
        order=80,
    ),
    MenuEntry(
        label=_("Quarantine"),
        url_name="rating:quarantine",
        permission="rating.view_quarantine",
        group=MenuGroup.USAGE,
        order=20,
    ),
    MenuEntry(
        label=_("Wrong, missing, double"),
        url_name="rating:usage-days",
        permission="rating.view_intake",
        group=MenuGroup.USAGE,
        order=15,
    ),
    MenuEntry(
        label=_("Proposals for waiting lines"),
        url_name="rating:line-proposals",
        permission="rating.view_line_proposals",
        group=MenuGroup.USAGE,
        order=25,
    ),
    MenuEntry(
        label=_("Re-rating"),
        url_name="rating:reratings",
        permission="rating.view_reratings",
        group=MenuGroup.USAGE,
        order=60,
    ),
    MenuEntry(
        label=_("Price look-up"),
        url_name="rating:look-up-price",
        permission="rating.look_up_price",
        group=MenuGroup.TARIFFS,
        order=10,
    ),
    MenuEntry(
        label=_("Plan advice"),
        url_name="rating:advise-plan",
        permission="rating.advise_plan",
        group=MenuGroup.TARIFFS,
        order=20,
    ),
    MenuEntry(
        label=_("Suspicion of fraud"),
        url_name="rating:fraud-hits",
        permission="rating.view_fraud_hits",
        group=MenuGroup.USAGE,
        order=60,
    ),
    MenuEntry(
        label=_("Fraud rules"),
        url_name="rating:fraud-rules",
        permission="rating.view_fraud_rules",
        group=MenuGroup.USAGE,
        order=70,
    ),
    MenuEntry(
        label=_("Limits by category"),
        url_name="rating:default-limits",
        permission="rating.view_default_limits",
        group=MenuGroup.USAGE,
        order=80,
    ),
    MenuEntry(
        label=_("Call list files"),
        url_name="rating:call-list-orders",
        permission="rating.order_call_list",
        group=MenuGroup.USAGE,
        order=50,
    ),
    MenuEntry(
        label=_("Traffic"),
        url_name="rating:traffic",
        permission="rating.view_traffic",
        group=MenuGroup.USAGE,
        order=60,
    ),
    MenuEntry(
        label=_("Key accounts"),
        url_name="rating:key-accounts",
        permission="rating.view_traffic",
        group=MenuGroup.USAGE,
        order=70,
    ),
    MenuEntry(
        label=_("Information stations"),
        url_name="rating:premium-stations",
        permission="rating.view_premium_stations",
        group=MenuGroup.USAGE,
        order=75,
    ),
    MenuEntry(
        label=_("Legal holds"),
        url_name="rating:legal-holds",
        permission="rating.view_legal_holds",
        group=MenuGroup.USAGE,
        order=90,
    ),
)


class RatingConfig(AppConfig):
    """What they used and what it costs."""

    name = "rating"
    verbose_name = _("Usage")

    def ready(self) -> None:
        """Put the pages into the menu, say how states look, and tell the price lists below what was called."""
        from rating.queries.zone_calls import count_calls_by_zone  # noqa: PLC0415 - needs the loaded models

        answer_plan_uses(zone_calls=count_calls_by_zone)
        """Put the pages into the menu, and say how the states of files and lines look."""
        add_menu_entries(MENU)
        add_state_looks(
            {
                "ORDERED": StateLook(label=pgettext_lazy("state", "Ordered"), tone=Tone.BUSY),
                "MADE": StateLook(label=pgettext_lazy("state", "Made"), tone=Tone.GOOD),
                "SENT": StateLook(label=pgettext_lazy("state", "Sent"), tone=Tone.GOOD),
                "ARRIVED": StateLook(label=pgettext_lazy("state", "Arrived"), tone=Tone.QUIET),
                "STAGED": StateLook(label=pgettext_lazy("state", "Stored"), tone=Tone.QUIET),
                "BALANCED": StateLook(label=pgettext_lazy("state", "Totals agree"), tone=Tone.QUIET),
                "RATED": StateLook(label=pgettext_lazy("state", "Rated"), tone=Tone.GOOD),
                "DUPLICATE": StateLook(label=pgettext_lazy("state", "Duplicate"), tone=Tone.QUIET),
                "JOINED": StateLook(label=pgettext_lazy("state", "Joined"), tone=Tone.QUIET),
                "QUARANTINED": StateLook(label=pgettext_lazy("state", "In quarantine"), tone=Tone.WARN),
                "TAKEN_UP": StateLook(label=pgettext_lazy("state", "Taken up"), tone=Tone.GOOD),
                "WRITTEN_OFF": StateLook(label=pgettext_lazy("state", "Written off"), tone=Tone.QUIET),
                "PROPOSED": StateLook(label=pgettext_lazy("state", "Proposed"), tone=Tone.WARN),
                "APPROVED": StateLook(label=pgettext_lazy("state", "Approved"), tone=Tone.GOOD),
                "PREVIEWED": StateLook(label=pgettext_lazy("state", "To be approved"), tone=Tone.WARN),
                "DECLINED": StateLook(label=pgettext_lazy("state", "Declined"), tone=Tone.QUIET),
                "DISMISSED": StateLook(label=pgettext_lazy("state", "Dismissed"), tone=Tone.QUIET),
                "REJECTED": StateLook(label=pgettext_lazy("state", "Rejected"), tone=Tone.BAD),
            }
        )
