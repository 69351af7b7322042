"""Providers of online payments: the list with their last notices, one with its keys, and what people do."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django.conf import settings
from django.db.models import QuerySet
from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext as __, gettext_lazy as _, pgettext_lazy

from billing_site.core import clock
from billing_site.core.messages import gettext_noop
from billing_site.core.money import currency_digits, minor_to_decimal
from billing_site.web.refusals import sentence_html
from billing_site.web.tables import Column, Kind, Table
from billing_site.web.views import ActionView, DetailPage, FormPage, ListPage, Outcome
from billing_site.web.wrapping import code_html
from payments.forms.online import ProviderForm
from payments.models import OnlineNoticeEntry, OnlineProvider
from payments.operations.online_adapters import can_speak_to
from payments.operations.online_providers import change_online_provider, make_provider_key, switch_provider_key
from payments.queries.online_payments import last_notices_of, online_providers

VIEW = "payments.view_online_providers"
KEY_IS = gettext_noop("The key is %(key)s. It is not shown again: hand it over to the provider now.")


def state_word(provider: OnlineProvider) -> str:
    """Say whether payers are led to a provider."""
    if not can_speak_to(provider):
        return __("cannot be spoken to")
    return __("on") if provider.is_active else __("off")


class OnlineProviderList(ListPage[OnlineProvider]):
    """Every provider, with what is under way and when it was last heard of."""

    permission: ClassVar[str] = VIEW
    title = _("Providers of online payments")
    order = ("code",)
    columns = (
        Column(label=pgettext_lazy("of online payments", "Provider"), value="name"),
        Column(label=_("Code"), value="code", kind=Kind.CODE),
        Column(label=_("Adapter"), value="adapter", kind=Kind.CODE),
        Column(label=_("Under way"), value="pending_count", kind=Kind.NUM),
        Column(label=_("Last notice"), value="notice_at", kind=Kind.INSTANT),
        Column(label=_("Contradictions"), value="conflict_count", kind=Kind.NUM),
        Column(label=_("State"), value=state_word),
    )
    empty = _("Nobody takes online payments for us yet.")

    def rows(self, filters: Mapping[str, Any]) -> QuerySet[OnlineProvider]:
        """Return all."""
        return online_providers()

    def row_href(self, row: OnlineProvider) -> str:
        """Open it."""
        return address_of(row.pk)


class OnlineProviderPage(DetailPage[OnlineProvider]):
    """One provider."""

    permission: ClassVar[str] = VIEW
    template_name = "payments/online_provider_detail.html"

    def subject(self, provider_id: int) -> OnlineProvider:
        """Return it."""
        return get_provider(provider_id)

    def page_title(self, subject: OnlineProvider) -> str:
        """Call it by its name."""
        return subject.name

    def more(self, subject: OnlineProvider) -> Mapping[str, Any]:
        """Return the latest notices, and what this person may do."""
        may = self.request.user.may
        return {
            "currency": settings.SALDO_CURRENCY,
            "notice_path": reverse("payments:online-notice", args=[subject.code]),
            "is_spoken": can_speak_to(subject),
            "notices": _notices(subject),
            "may_change": may("payments.change_online_provider"),
            "may_make": may("payments.make_provider_key"),
            "may_switch": bool(subject.next_secret) and may("payments.switch_provider_key"),
        }


class ChangeOnlineProvider(FormPage):
    """Its name, its limits, and whether payers are led to it."""

    permission: ClassVar[str] = "payments.change_online_provider"
    title = _("Change the provider")
    form_class = ProviderForm

    def initial(self, provider_id: int, **ids: Any) -> Mapping[str, Any]:
        """Show what is there."""
        provider = get_provider(provider_id)
        digits = currency_digits(settings.SALDO_CURRENCY)
        return {
            "name": provider.name,
            "minimum": minor_to_decimal(provider.minimum_minor, digits=digits),
            "maximum": minor_to_decimal(provider.maximum_minor, digits=digits),
            "lifetime": provider.lifetime_minutes,
            "is_active": provider.is_active,
        }

    def more(self, provider_id: int, **ids: Any) -> Mapping[str, Any]:
        """Lead back."""
        return {"back_url": address_of(get_provider(provider_id).pk)}

    def perform(self, form: ProviderForm, provider_id: int, **ids: Any) -> Outcome:
        """Change it."""
        given = form.cleaned_data
        change_online_provider(
            provider_id=provider_id,
            name=given["name"],
            minimum_minor=given["minimum"],
            maximum_minor=given["maximum"],
            lifetime_minutes=given["lifetime"],
            is_active=given["is_active"],
            actor=self.request.user,
        )
        return Outcome(url=address_of(provider_id), message=__("The provider is changed."))


class ProviderAction(ActionView):
    """A button on the page of a provider."""

    def back_url(self, provider_id: int) -> str:
        """Return the page of the provider."""
        return address_of(get_provider(provider_id).pk)


class MakeProviderKey(ProviderAction):
    """A new key beside the one in use, shown this once."""

    permission: ClassVar[str] = "payments.make_provider_key"
    title = _("New key")
    button = _("Make the key")

    def question(self, provider_id: int) -> str:
        """Say that both are good for a while."""
        return __("Make a new key for %(name)s? It is shown once. Both keys are good until you switch over.") % {
            "name": get_provider(provider_id).name
        }

    def perform(self, provider_id: int) -> Outcome:
        """Make it and show it."""
        key = make_provider_key(provider_id=provider_id, made_at=clock.now(), actor=self.request.user)
        return Outcome(url=address_of(provider_id), message=sentence_html(KEY_IS, {"key": code_html(key)}))


class SwitchProviderKey(ProviderAction):
    """The new key alone."""

    permission: ClassVar[str] = "payments.switch_provider_key"
    title = _("Switch to the new key")
    button = _("Switch over")
    is_dangerous = True

    def question(self, provider_id: int) -> str:
        """Say what ends."""
        return __("Switch %(name)s to the new key? Notices signed with the old one are refused from then on.") % {
            "name": get_provider(provider_id).name
        }

    def perform(self, provider_id: int) -> Outcome:
        """Switch."""
        switch_provider_key(provider_id=provider_id, actor=self.request.user)
        return Outcome(url=address_of(provider_id), message=__("The new key alone is good now."))


def address_of(provider_id: int) -> str:
    """Return the page of a provider."""
    return reverse("payments:online-provider", args=[provider_id])


def get_provider(provider_id: int) -> OnlineProvider:
    """Return a provider, or raise ``Http404``."""
    provider = online_providers().filter(pk=provider_id).first()
    if provider is None:
        raise Http404
    return provider


def _notices(provider: OnlineProvider) -> Table[OnlineNoticeEntry]:
    return Table(
        caption=_("Latest notices"),
        columns=(
            Column(label=_("Received"), value="received_at", kind=Kind.INSTANT),
            Column(
                label=_("Online payment"),
                value=lambda row: row.online_payment_id or "–",
                kind=Kind.CODE,
                href=lambda row: (
                    reverse("payments:online-payment", args=[row.online_payment_id]) if row.online_payment_id else ""
                ),
            ),
            Column(label=_("Says"), value="outcome", kind=Kind.STATE),
            Column(label=_("What it did"), value="get_verdict_display"),
            Column(label=_("How it came"), value=lambda row: __("asked for") if row.was_asked_for else __("notice")),
        ),
        rows=last_notices_of(provider.pk),
        empty=_("No notice yet."),
    )
