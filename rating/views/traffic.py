"""Traffic: figures and pictures by exchange, trunk, hour, kind of customer; and key accounts day by day."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar
from urllib.parse import urlencode

from django.conf import settings
from django.urls import reverse
from django.utils.translation import get_language, gettext as __, gettext_lazy as _

from billing_site.core.names import name_in
from billing_site.web.formatting import format_date, format_micro, format_number
from billing_site.web.plots import Bar, HeatCell, HeatRow, Plot, Series, bars, heat_strip, lines
from billing_site.web.tables import Column, Kind
from billing_site.web.views import FormPage, ListPage, Outcome
from billing_site.web.wrapping import current_language
from rating.forms.call_lists import PeriodForm
from rating.forms.traffic import (
    SERVICES,
    TRAFFIC_BY,
    FollowKeyAccountForm,
    TrafficFilter,
    narrowed_by,
)
from rating.models import UsageSource
from rating.operations.key_accounts import follow_key_account
from rating.queries.traffic import (
    NOT_SAID,
    TrafficSums,
    key_account_days,
    key_account_sums,
    traffic_by,
    traffic_by_hour,
)
from subscribers.models import Account
from subscribers.queries.words import CATEGORIES
from subscribers.views.accounts import get_account
from tariffs.models import UsageCategory

HOURS = range(24)
MOST_BARS = 24
MOST_HEAT_ROWS = 40
# Where a click on a group leads: the same days and filter, told apart by this.
NEXT = {
    "source": "trunk_in",
    "trunk_in": "hour",
    "trunk_out": "hour",
    "category": "usage_category",
    "service": "usage_category",
    "usage_category": "category",
    "day": "hour",
    "hour": "source",
}
FIGURES: tuple[Column[TrafficSums], ...] = (
    Column(label=_("Records"), value="record_count", kind=Kind.NUM, total=True),
    Column(label=_("Duration"), value="duration_seconds", kind=Kind.DURATION, total=True),
    Column(label=_("Bytes"), value="volume_bytes", kind=Kind.NUM, total=True),
    Column(label=_("Amount"), value="amount_micro", kind=Kind.MICRO, total=True),
)


def labels_of(dimension: str, keys: Sequence[Any]) -> dict[Any, str]:
    """Return what the values of a dimension are called in the page's language."""
    language = get_language() or settings.LANGUAGE_CODE
    fixed = {"category": tuple(CATEGORIES.items()), "service": SERVICES}
    if dimension in fixed:
        return {key: str(label) for key, label in fixed[dimension]}
    if dimension == "source":
        return dict(UsageSource.objects.filter(pk__in=keys).values_list("pk", "code"))
    if dimension == "usage_category":
        named = UsageCategory.objects.filter(pk__in=keys).values_list("pk", "names")
        return {pk: name_in(names, language) for pk, names in named}
    return {key: _written(dimension, key, language) for key in keys}


def _written(dimension: str, key: Any, language: str) -> str:
    if dimension == "day":
        return format_date(key, language=language)
    return f"{key:02d}:00" if dimension == "hour" else str(key)


class TrafficPage(ListPage[TrafficSums]):
    """What came in some days, told apart by one thing; a click on a group looks into it."""

    permission: ClassVar[str] = "rating.view_traffic"
    template_name = "rating/traffic.html"
    title = _("Traffic")
    filter_form = TrafficFilter
    empty = _("No traffic in these days. It is added up while usage is rated.")
    columns = FIGURES

    def rows(self, filters: Mapping[str, Any]) -> Sequence[TrafficSums]:
        """Return the groups; their names become the first column."""
        values = dict(filters)
        self.by = values["by"]
        found = traffic_by(dimension=self.by, first=values["first"], last=values["last"], only=narrowed_by(values))
        self.labels = labels_of(self.by, [one.key for one in found])
        self.columns = (  # type: ignore[misc]  # the columns of this request's dimension
            Column(label=dict(TRAFFIC_BY)[self.by], value=lambda row: self.label_of(row.key), kind=Kind.CODE),
            *FIGURES,
        )
        self.found = found
        return found

    def label_of(self, key: Any) -> str:
        """Return what a group is called."""
        return self.labels.get(key) or __("not said")

    def row_href(self, row: TrafficSums) -> str:
        """Look into a group."""
        kept = {
            name: str(value) for name, value in self.request.GET.items() if name not in {"at", "export", "by"} and value
        }
        if self.by == "day":
            kept |= {"first": row.key.isoformat(), "last": row.key.isoformat()}
        elif self.by != "hour":
            kept[self.by] = NOT_SAID if row.key == "" else str(row.key)
        return f"{reverse('rating:traffic')}?{urlencode({**kept, 'by': NEXT[self.by], **self._days(kept)})}"

    def _days(self, kept: Mapping[str, str]) -> dict[str, str]:
        """Return the days of the page where the address does not say them."""
        if "first" in kept and "last" in kept:
            return {}
        return {name: value.isoformat() for name, value in self.days.items()}

    def more(self, filters: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return the pictures and the sums."""
        if not filters.get("first") or not filters.get("last") or not getattr(self, "found", ()):
            return {}
        self.days = {"first": filters["first"], "last": filters["last"]}
        names = ("record_count", "duration_seconds", "volume_bytes", "amount_micro")
        return {
            "sums": {name: sum(getattr(one, name) for one in self.found) for name in names},
            "plots": [plot for plot in (self._bars(), self._heat(dict(filters))) if plot is not None],
        }

    def _bars(self) -> Plot | None:
        """Draw the money of each group."""
        shown = sorted(self.found, key=lambda one: -one.amount_micro)[:MOST_BARS]
        if self.by in {"day", "hour"}:
            shown = sorted(shown, key=lambda one: one.key)
        largest = max(shown, key=lambda one: one.amount_micro)
        language = current_language()
        sentence = __("The most money, %(amount)s, came from %(name)s.") % {
            "amount": format_micro(largest.amount_micro, language=language),
            "name": self.label_of(largest.key),
        }
        return bars(
            title=__("Amount"),
            sentence=sentence,
            points=[Bar(label=self.label_of(one.key), value=one.amount_micro) for one in shown],
            column=__("Amount"),
            shown=lambda value: format_micro(int(value), language=language),
        )

    def _heat(self, filters: dict[str, Any]) -> Plot | None:
        """Draw the hours of each group; days are shown by exchange."""
        dimension = "source" if self.by in {"day", "hour"} else self.by
        found = traffic_by_hour(
            dimension=dimension, first=filters["first"], last=filters["last"], only=narrowed_by(filters)
        )
        labels = labels_of(dimension, list(found))
        busiest = max(HOURS, key=lambda hour: sum(hours.get(hour, 0) for hours in found.values()))
        count = sum(hours.get(busiest, 0) for hours in found.values())
        sentence = __("The busiest hour began at %(hour)s, with %(count)s records.") % {
            "hour": f"{busiest:02d}:00",
            "count": format_number(count, language=current_language()),
        }
        rows = [
            HeatRow(
                label=labels.get(key) or __("not said"),
                cells=[HeatCell(label=f"{hour:02d}:00", value=max(hours.get(hour, 0), 0)) for hour in HOURS],
            )
            for key, hours in list(found.items())[:MOST_HEAT_ROWS]
        ]
        return heat_strip(
            title=__("Records by hour"), sentence=sentence, columns=[str(hour) for hour in HOURS], rows=rows
        )


class KeyAccounts(ListPage[TrafficSums]):
    """What each key account used in some days."""

    permission: ClassVar[str] = "rating.view_traffic"
    template_name = "rating/key_account_list.html"
    title = _("Key accounts")
    filter_form = PeriodForm
    empty = _("No key account used anything in these days.")
    columns = FIGURES

    def rows(self, filters: Mapping[str, Any]) -> Sequence[TrafficSums]:
        """Return the accounts."""
        found = key_account_sums(first=filters["first"], last=filters["last"])
        accounts = Account.objects.select_related("subscriber").in_bulk([one.key for one in found])
        self.columns = (  # type: ignore[misc]  # the names are those of this request's accounts
            Column(label=_("Account"), value=lambda row: accounts[row.key].number, kind=Kind.CODE),
            Column(label=_("Name"), value=lambda row: accounts[row.key].subscriber.name),
            *FIGURES,
        )
        return found

    def row_href(self, row: TrafficSums) -> str:
        """Open its days."""
        return reverse("rating:key-account", args=[row.key])

    def more(self, filters: Mapping[str, Any]) -> Mapping[str, Any]:
        """Say whether this person may choose the accounts."""
        may = self.request.user.may("rating.follow_key_account")
        return {"follow_url": reverse("rating:follow-key-account") if may else ""}


class KeyAccountPage(ListPage[TrafficSums]):
    """A key account day by day."""

    permission: ClassVar[str] = "rating.view_traffic"
    template_name = "rating/traffic.html"
    title = _("Key account")
    filter_form = PeriodForm
    empty = _("Nothing was used in these days.")
    columns = (Column(label=_("Day"), value="key", kind=Kind.DATE), *FIGURES)

    def rows(self, filters: Mapping[str, Any]) -> Sequence[TrafficSums]:
        """Return the days."""
        self.account = get_account(filters["account_id"])
        self.found = key_account_days(account_id=self.account.pk, first=filters["first"], last=filters["last"])
        return self.found

    def row_href(self, row: TrafficSums) -> str:
        """Open the calls of the day."""
        if not self.request.user.may("rating.view_call_list"):
            return ""
        day = urlencode({"first": row.key.isoformat(), "last": row.key.isoformat()})
        return f"{reverse('rating:account-calls', args=[self.account.pk])}?{day}"

    def more(self, filters: Mapping[str, Any]) -> Mapping[str, Any]:
        """Draw the days."""
        back = {"crumb": {"url": reverse("rating:key-accounts"), "label": __("Key accounts")}}
        found = getattr(self, "found", ())
        if not found:
            return back
        account, language = self.account, current_language()
        most = max(found, key=lambda one: one.amount_micro)
        sentence = __("Account %(account)s used the most on %(day)s: %(amount)s.") % {
            "account": account.number,
            "day": format_date(most.key, language=language),
            "amount": format_micro(most.amount_micro, language=language),
        }
        plot = lines(
            title=__("Amount by day"),
            sentence=sentence,
            labels=[f"{one.key:%d.%m}" for one in found],
            series=[Series(name=__("Amount"), values=[one.amount_micro for one in found])],
            shown=lambda value: format_micro(int(value), language=language),
        )
        return {**back, "plots": [plot], "title": f"{__('Key account')} {account.number}"}


class FollowKeyAccount(FormPage):
    """Choose an account to follow day by day."""

    permission: ClassVar[str] = "rating.follow_key_account"
    title = _("Follow an account")
    form_class = FollowKeyAccountForm
    intro = _("Its days are added up from the records that are at hand, and kept up while usage is rated.")

    def more(self, **ids: Any) -> Mapping[str, Any]:
        """Lead back to the list."""
        return {"back_url": reverse("rating:key-accounts")}

    def perform(self, form: Any, **ids: Any) -> Outcome:
        """Follow it, or stop."""
        values = form.cleaned_data
        follow_key_account(account_id=values["number"].pk, is_key=values["is_key"], actor=self.request.user)
        return Outcome(url=reverse("rating:key-accounts"), message=__("The list of key accounts was changed."))
