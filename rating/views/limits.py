"""Limits and alerts of an account: what holds, what is used, what was told, what is barred; and limits by category."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django.conf import settings
from django.db.models import QuerySet
from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext as __, gettext_lazy as _, pgettext, pgettext_lazy

from billing_site.core import clock
from billing_site.core.money import minor_to_micro
from billing_site.web.formatting import format_phone
from billing_site.web.tables import Column, Kind, Table
from billing_site.web.views import DetailPage, FormPage, ListPage, Outcome
from rating.forms.limits import DefaultLimitForm, LiftForm, LimitForm
from rating.models import LimitNotice, UsageLimit
from rating.operations.limits import lift_usage_limit, set_default_limit, set_usage_limit
from rating.queries.limits import (
    AccountLimits,
    default_limits,
    get_account_limits,
    limit_history,
    limit_notices,
    lines_of,
)
from subscribers.models import Account, NetworkOrder, Subscription, SubscriptionRestriction
from subscribers.queries.restrictions import (
    current_restrictions,
    network_orders_for,
    numbers_of_lines,
    restrictions_for,
)
from subscribers.queries.words import CATEGORIES
from subscribers.views.accounts import card_url, get_account

SHOWN = 50
KINDS = dict(UsageLimit.Kind.choices)


class AccountLimitsPage(DetailPage[AccountLimits]):
    """The limits of an account and its lines, with everything that came of them."""

    permission: ClassVar[str] = "rating.view_limits"
    title = _("Limits and alerts")
    template_name = "rating/account_limits.html"

    def subject(self, account_id: int) -> AccountLimits:
        """Return what holds now."""
        try:
            return get_account_limits(account_id=account_id, at=clock.now(), today=clock.today())
        except Account.DoesNotExist as error:
            raise Http404 from error

    def more(self, subject: AccountLimits) -> Mapping[str, Any]:
        """Return the meters with their names, the lines with what may be done, and the histories."""
        account = subject.account
        numbers = numbers_of_lines(account_id=account.pk, at=clock.now())
        return {
            "meters": [(meter, numbers.get(meter.subscription_id or 0, "")) for meter in subject.meters],
            "lines": self._lines(account, numbers),
            "limits": _limits_table(account, numbers),
            "notices": _notices_table(account, numbers),
            "restrictions": _restrictions_table(account, numbers),
            "orders": _orders_table(account),
            "emergency": ", ".join(settings.SALDO_EMERGENCY_NUMBERS),
            "crumb": {"url": card_url(account.pk), "label": account.number},
        }

    def _lines(self, account: Account, numbers: Mapping[int, str]) -> list[dict[str, Any]]:
        """Return the lines that have not ended, each with what this person may do with it."""
        may = self.request.user.may
        held = current_restrictions(account_id=account.pk)
        found = []
        for line in lines_of(account_id=account.pk):
            restriction = held.get(line.pk)
            verbs = [("subscribers.restrict_subscription", "subscribers:restrict-subscription", __("Restrict"))]
            if restriction is not None and restriction.state == SubscriptionRestriction.State.RESTRICTED:
                verbs.append(("subscribers.stop_subscription", "subscribers:stop-subscription", __("Stop")))
            if restriction is not None and set(restriction.causes) != {SubscriptionRestriction.Cause.LIMIT}:
                verbs.append(("subscribers.restore_subscription", "subscribers:restore-subscription", __("Restore")))
            found.append(
                {
                    "number": numbers.get(line.pk, ""),
                    "kind": _kind_of(line),
                    "restriction": restriction,
                    "causes": _causes(restriction),
                    "actions": [(reverse(url, args=[line.pk]), word) for verb, url, word in verbs if may(verb)],
                }
            )
        return found


class LimitsPanel(AccountLimitsPage):
    """The meters, as a part of the card of the account."""

    template_name = "rating/limits_panel.html"


class AccountForm(FormPage):
    """A form about an account's limits."""

    def account(self, account_id: int) -> Account:
        """Return the account."""
        return get_account(account_id)

    def initial(self, *_: Any, account_id: int, **ids: Any) -> Mapping[str, Any]:
        """Give the lines to choose from."""
        numbers = numbers_of_lines(account_id=self.account(account_id).pk, at=clock.now())
        return {"lines": [(str(line.pk), _line_name(line, numbers)) for line in lines_of(account_id=account_id)]}

    def more(self, *_: Any, account_id: int, **ids: Any) -> Mapping[str, Any]:
        """Lead back to the limits."""
        url = reverse("rating:account-limits", args=[account_id])
        return {"back_url": url, "crumb": {"url": url, "label": self.account(account_id).number}}

    def done(self, account_id: int, message: str) -> Outcome:
        """Go back and say it."""
        return Outcome(url=reverse("rating:account-limits", args=[account_id]), message=message)


class SetUsageLimit(AccountForm):
    """Set a limit, or take it away."""

    permission = "rating.set_usage_limit"
    title = _("Set a limit")
    form_class = LimitForm
    submit_label = _("Set")
    intro = _("The lower of the subscriber's and the operator's limit holds. What is used already counts at once.")

    def initial(self, *_: Any, account_id: int, **ids: Any) -> Mapping[str, Any]:
        """Give the lines, and whose limit this person may set: the operator's with the right to set it for all."""
        kinds = [("SUBSCRIBER", KINDS["SUBSCRIBER"])]
        if self.request.user.may("rating.set_default_limit"):
            kinds.append(("OPERATOR", KINDS["OPERATOR"]))
        return {**super().initial(account_id=account_id), "kinds": kinds}

    def perform(self, form: Any, *_: Any, account_id: int, **ids: Any) -> Outcome:
        """Set it."""
        given = form.cleaned_data
        set_usage_limit(
            account_id=account_id,
            kind=given["kind"],
            amount_micro=_micro(given["amount"]),
            subscription_id=int(given["line"]) if given["line"] else None,
            reason=given["reason"],
            at=clock.now(),
            actor=self.request.user,
        )
        return self.done(account_id, __("The limit is set.") if given["amount"] else __("The limit is taken away."))


class LiftUsageLimit(AccountForm):
    """Lift a limit until the bill period ends."""

    permission = "rating.lift_usage_limit"
    title = _("Lift the limit once")
    form_class = LiftForm
    submit_label = _("Raise the limit")
    intro = _(
        "The new limit holds until the bill period ends. Lines that were barred for the old one are free at once."
    )

    def perform(self, form: Any, *_: Any, account_id: int, **ids: Any) -> Outcome:
        """Lift it."""
        given = form.cleaned_data
        lift_usage_limit(
            account_id=account_id,
            amount_micro=_micro(given["amount"]) or 0,
            subscription_id=int(given["line"]) if given["line"] else None,
            reason=given["reason"],
            at=clock.now(),
            actor=self.request.user,
        )
        return self.done(account_id, __("The limit is lifted until the bill period ends."))


class DefaultLimits(ListPage[UsageLimit]):
    """The operator's limits by customer category, now and before."""

    permission: ClassVar[str] = "rating.view_default_limits"
    title = _("Limits by category")
    template_name = "rating/default_limits.html"
    columns = (
        Column(label=_("Customer category"), value=lambda row: CATEGORIES[row.category]),
        Column(label=_("Limit"), value="amount_micro", kind=Kind.MICRO),
        Column(label=_("From"), value="during.lower", kind=Kind.INSTANT),
        Column(label=_("Until"), value="during.upper", kind=Kind.INSTANT),
        Column(label=pgettext_lazy("a person", "By"), value="set_by"),
    )
    intro = _("An account that has no limit of the operator's of its own has the one of its category.")
    empty = _("No limit by category yet. Set one for each category to stop line theft.")

    def rows(self, filters: Mapping[str, Any]) -> QuerySet[UsageLimit]:
        """Return the limits."""
        return default_limits()


class SetDefaultLimit(FormPage):
    """Set the operator's limit of a category."""

    permission = "rating.set_default_limit"
    title = _("Set the limit of a category")
    form_class = DefaultLimitForm
    submit_label = _("Set")
    intro = _("What accounts have used already counts at once.")

    def perform(self, form: Any, *_: Any, **ids: Any) -> Outcome:
        """Set it."""
        given = form.cleaned_data
        set_default_limit(
            category=given["category"], amount_micro=_micro(given["amount"]), at=clock.now(), actor=self.request.user
        )
        return Outcome(url=reverse("rating:default-limits"), message=__("The limit of the category is set."))

    def more(self, *_: Any, **ids: Any) -> Mapping[str, Any]:
        """Lead back to the list."""
        return {"back_url": reverse("rating:default-limits")}


def _micro(amount_minor: int | None) -> int | None:
    return None if amount_minor is None else minor_to_micro(amount_minor, digits=settings.SALDO_CURRENCY_DIGITS)


def _kind_of(line: Subscription) -> str:
    kinds = {"FIXED": __("Fixed line"), "MOBILE": __("Mobile"), "INTERNET": __("Internet")}
    return kinds.get(line.kind, __("Other services"))


def _line_name(line: Subscription, numbers: Mapping[int, str]) -> str:
    number = numbers.get(line.pk)
    return f"{_kind_of(line)} {format_phone(number)}" if number else _kind_of(line)


def _causes(restriction: SubscriptionRestriction | None) -> str:
    words = dict(SubscriptionRestriction.Cause.choices)
    return ", ".join(str(words[cause]) for cause in restriction.causes) if restriction else ""


def _person(row: UsageLimit | SubscriptionRestriction) -> str:
    found = row.set_by if isinstance(row, UsageLimit) else row.made_by
    return str(found or "")


def _reason(row: SubscriptionRestriction) -> str:
    """Return the reason: words of ours in the reader's language, words of a person as they were typed."""
    return __(row.reason) if row.reason else ""


def _limits_table(account: Account, numbers: Mapping[int, str]) -> Table[UsageLimit]:
    return Table(
        columns=(
            Column(label=__("From"), value="during.lower", kind=Kind.INSTANT),
            Column(label=__("Until"), value="during.upper", kind=Kind.INSTANT),
            Column(label=__("Set by"), value="get_kind_display"),
            Column(label=__("Limit"), value="amount_micro", kind=Kind.MICRO),
            Column(label=__("Number"), value=lambda row: numbers.get(row.subscription_id or 0), kind=Kind.PHONE),
            Column(label=__("Entered by"), value=_person),
            Column(label=__("Reason"), value="reason"),
        ),
        rows=list(limit_history(account_id=account.pk)[:SHOWN]),
        caption=__("Limits now and before"),
        empty=__("No limit of its own yet."),
    )


def _notices_table(account: Account, numbers: Mapping[int, str]) -> Table[LimitNotice]:
    return Table(
        columns=(
            Column(label=__("Given"), value="given_at", kind=Kind.INSTANT),
            Column(label=__("Bill period from"), value="bill_period", kind=Kind.DATE),
            Column(label=__("Percent"), value="percent", kind=Kind.NUM),
            Column(label=__("Used"), value="used_micro", kind=Kind.MICRO),
            Column(label=__("Limit"), value="limit_micro", kind=Kind.MICRO),
            Column(label=__("Set by"), value="limit.get_kind_display"),
            Column(label=__("Number"), value=lambda row: numbers.get(row.subscription_id or 0), kind=Kind.PHONE),
        ),
        rows=list(limit_notices(account_id=account.pk)[:SHOWN]),
        caption=__("Notices given"),
        empty=__("No share of a limit was reached yet."),
    )


def _restrictions_table(account: Account, numbers: Mapping[int, str]) -> Table[SubscriptionRestriction]:
    return Table(
        columns=(
            Column(label=__("From"), value="during.lower", kind=Kind.INSTANT),
            Column(label=__("Until"), value="during.upper", kind=Kind.INSTANT),
            Column(label=__("Number"), value=lambda row: numbers.get(row.subscription_id), kind=Kind.PHONE),
            Column(label=__("State"), value="state", kind=Kind.STATE),
            Column(label=__("Cause"), value="get_cause_display"),
            Column(label=pgettext("a person", "By"), value=_person),
            Column(label=__("Reason"), value=_reason),
        ),
        rows=list(restrictions_for(account_id=account.pk)[:SHOWN]),
        caption=__("Lines barred and freed"),
        empty=__("No line was ever barred."),
    )


def _orders_table(account: Account) -> Table[NetworkOrder]:
    return Table(
        columns=(
            Column(label=__("Given"), value="created_at", kind=Kind.INSTANT),
            Column(label=__("Number"), value="number", kind=Kind.PHONE),
            Column(label=__("Order to the exchange"), value="get_kind_display"),
            Column(label=__("State"), value="state", kind=Kind.STATE),
            Column(label=__("Answered"), value="answered_at", kind=Kind.INSTANT),
            Column(label=__("Answer"), value="answer", kind=Kind.CODE),
        ),
        rows=list(network_orders_for(account_id=account.pk)[:SHOWN]),
        caption=__("Orders to the exchange"),
        empty=__("The exchange was told nothing yet."),
    )
