"""Networks of terminals and wallets: the list of today, one with its keys, senders and alarms, and what people do."""

import secrets
from collections.abc import Mapping
from typing import Any, ClassVar

from django.conf import settings
from django.db.models import QuerySet
from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext as __, gettext_lazy as _

from billing_site.core import clock
from billing_site.core.messages import gettext_noop
from billing_site.core.money import currency_digits, minor_to_decimal
from billing_site.web.refusals import sentence_html
from billing_site.web.tables import Column, Kind, Table
from billing_site.web.views import ActionView, DetailPage, FormPage, ListPage, Outcome
from billing_site.web.wrapping import code_html
from payments.forms.networks import NetworkForm, NewNetworkForm, SettleAlarmForm
from payments.models import BadSender, NetworkAlarm, TerminalNetwork
from payments.operations.gateway_senders import unlock_sender
from payments.operations.network_alarms import settle_network_alarm
from payments.operations.networks import (
    add_terminal_network,
    change_terminal_network,
    make_network_key,
    switch_network_key,
)
from payments.operations.sender_keys import KEY_BYTES
from payments.queries.networks import alarms_of, bad_senders_of, find_network_of_today, list_networks

VIEW = "payments.view_terminal_networks"
KEY_IS = gettext_noop("The key is %(key)s. It is not shown again: hand it over to the network now.")


class TerminalNetworkList(ListPage[TerminalNetwork]):
    """Every network with its day."""

    permission: ClassVar[str] = VIEW
    template_name = "payments/terminal_network_list.html"
    title = _("Payment networks")
    order = ("code",)
    columns = (
        Column(label=_("Network"), value="name"),
        Column(label=_("Code"), value="code", kind=Kind.CODE),
        Column(label=_("Dialect"), value="get_dialect_display"),
        Column(label=_("Payments today"), value="today_count", kind=Kind.NUM),
        Column(label=_("Taken today"), value="today_minor", kind=Kind.MONEY, currency=lambda _row: _currency()),
        Column(label=_("Last heard of"), value="seen_at", kind=Kind.INSTANT),
        Column(label=_("Last bad request"), value="bad_at", kind=Kind.INSTANT),
        Column(label=_("Open alarms"), value="alarm_count", kind=Kind.NUM),
        Column(label=_("State"), value=lambda row: __("on") if row.is_active else __("off")),
    )
    empty = _("No network takes money for us yet. Add one.")

    def rows(self, filters: Mapping[str, Any]) -> QuerySet[TerminalNetwork]:
        """Return all."""
        return list_networks(day=clock.today())

    def row_href(self, row: TerminalNetwork) -> str:
        """Open it."""
        return address_of(row.pk)


class TerminalNetworkPage(DetailPage[TerminalNetwork]):
    """One network."""

    permission: ClassVar[str] = VIEW
    template_name = "payments/terminal_network_detail.html"

    def subject(self, network_id: int) -> TerminalNetwork:
        """Return it."""
        return get_network(network_id)

    def page_title(self, subject: TerminalNetwork) -> str:
        """Call it by its name."""
        return subject.name

    def more(self, subject: TerminalNetwork) -> Mapping[str, Any]:
        """Return senders and alarms, and what this person may do."""
        may = self.request.user.may
        return {
            "currency": _currency(),
            "gateway_path": reverse("payments:gateway", args=[subject.code]),
            "senders": _senders(subject, may_unlock=may("payments.unlock_sender")),
            "alarms": _alarms(subject, may_settle=may("payments.settle_network_alarm")),
            "may_change": may("payments.change_terminal_network"),
            "may_make": may("payments.make_network_key"),
            "may_switch": bool(subject.next_secret) and may("payments.switch_network_key"),
        }


class AddTerminalNetwork(FormPage):
    """A new network with its first key."""

    permission: ClassVar[str] = "payments.add_terminal_network"
    title = _("Add a network")
    form_class = NewNetworkForm
    submit_label = _("Add")
    intro = _("The key of its signatures is made here and shown once.")

    def more(self, **ids: Any) -> Mapping[str, Any]:
        """Lead back."""
        return {"back_url": reverse("payments:terminal-networks")}

    def perform(self, form: NewNetworkForm, **ids: Any) -> Outcome:
        """Add it and show the key."""
        key = secrets.token_urlsafe(KEY_BYTES)
        given = _wishes(form)
        given.pop("is_active")
        network = add_terminal_network(code=form.cleaned_data["code"], secret=key, actor=self.request.user, **given)
        if network.secret != key:
            return Outcome(url=address_of(network.pk), message=__("There is a network of this code already."))
        return Outcome(url=address_of(network.pk), message=_shown(key))


class ChangeTerminalNetwork(FormPage):
    """How it speaks, from where, its limits."""

    permission: ClassVar[str] = "payments.change_terminal_network"
    title = _("Change the network")
    form_class = NetworkForm

    def initial(self, network_id: int, **ids: Any) -> Mapping[str, Any]:
        """Show what is there."""
        network = get_network(network_id)
        digits = currency_digits(settings.SALDO_CURRENCY)
        limit = network.daily_limit_minor
        return {
            "name": network.name,
            "dialect": network.dialect,
            "partner_id": network.partner_id,
            "addresses": " ".join(network.addresses),
            "minimum": minor_to_decimal(network.minimum_minor, digits=digits),
            "maximum": minor_to_decimal(network.maximum_minor, digits=digits),
            "daily_limit": "" if limit is None else minor_to_decimal(limit, digits=digits),
            "is_active": network.is_active,
        }

    def more(self, network_id: int, **ids: Any) -> Mapping[str, Any]:
        """Lead back."""
        return {"back_url": address_of(network_id)}

    def perform(self, form: NetworkForm, network_id: int, **ids: Any) -> Outcome:
        """Change it."""
        change_terminal_network(network_id=network_id, actor=self.request.user, **_wishes(form))
        return Outcome(url=address_of(network_id), message=__("The network is changed."))


class NetworkAction(ActionView):
    """A button on the page of a network."""

    def back_url(self, network_id: int) -> str:
        """Return the page of the network."""
        return address_of(get_network(network_id).pk)


class MakeNetworkKey(NetworkAction):
    """A new key beside the one in use, shown this once."""

    permission: ClassVar[str] = "payments.make_network_key"
    title = _("New key")
    button = _("Make the key")

    def question(self, network_id: int) -> str:
        """Say that both are good for a while."""
        return __("Make a new key for %(name)s? It is shown once. Both keys are good until you switch over.") % {
            "name": get_network(network_id).name
        }

    def perform(self, network_id: int) -> Outcome:
        """Make it and show it."""
        key = make_network_key(network_id=network_id, made_at=clock.now(), actor=self.request.user)
        return Outcome(url=address_of(network_id), message=_shown(key))


class SwitchNetworkKey(NetworkAction):
    """The new key alone."""

    permission: ClassVar[str] = "payments.switch_network_key"
    title = _("Switch to the new key")
    button = _("Switch over")
    is_dangerous = True

    def question(self, network_id: int) -> str:
        """Say what ends."""
        return __("Switch %(name)s to the new key? Requests signed with the old one are refused from then on.") % {
            "name": get_network(network_id).name
        }

    def perform(self, network_id: int) -> Outcome:
        """Switch."""
        switch_network_key(network_id=network_id, actor=self.request.user)
        return Outcome(url=address_of(network_id), message=__("The new key alone is good now."))


class UnlockSender(ActionView):
    """Let an address in again."""

    permission: ClassVar[str] = "payments.unlock_sender"
    title = _("Let the address in again")
    button = _("Let it in")

    def question(self, sender_id: int) -> str:
        """Name the address."""
        return __("Take requests from %(address)s again, before its time?") % {"address": get_sender(sender_id).address}

    def back_url(self, sender_id: int) -> str:
        """Return the page of the network."""
        return address_of(get_sender(sender_id).network_id or 0)

    def perform(self, sender_id: int) -> Outcome:
        """Unlock."""
        url = self.back_url(sender_id)
        unlock_sender(sender_id=sender_id, actor=self.request.user)
        return Outcome(url=url, message=__("The address is let in again."))


class SettleNetworkAlarm(FormPage):
    """Write down what came of an alarm."""

    permission: ClassVar[str] = "payments.settle_network_alarm"
    title = _("Settle an alarm")
    template_name = "payments/settle_network_alarm.html"
    form_class = SettleAlarmForm
    submit_label = _("Settle")

    def more(self, alarm_id: int, **ids: Any) -> Mapping[str, Any]:
        """Show the alarm above the form."""
        alarm = get_alarm(alarm_id)
        return {"alarm": alarm, "back_url": address_of(alarm.network_id)}

    def perform(self, form: SettleAlarmForm, alarm_id: int, **ids: Any) -> Outcome:
        """Settle it."""
        note = form.cleaned_data["note"]
        alarm = settle_network_alarm(
            alarm_id=get_alarm(alarm_id).pk, note=note, settled_at=clock.now(), actor=self.request.user
        )
        return Outcome(url=address_of(alarm.network_id), message=__("The alarm is settled."))


def address_of(network_id: int) -> str:
    """Return the page of a network."""
    return reverse("payments:terminal-network", args=[network_id])


def get_network(network_id: int) -> TerminalNetwork:
    """Return a network of today, or raise ``Http404``."""
    network = find_network_of_today(network_id, day=clock.today())
    if network is None:
        raise Http404
    return network


def get_sender(sender_id: int) -> BadSender:
    """Return a sender of a network of ours, or raise ``Http404``."""
    sender = BadSender.objects.filter(pk=sender_id, network__isnull=False).first()
    if sender is None:
        raise Http404
    return sender


def get_alarm(alarm_id: int) -> NetworkAlarm:
    """Return an alarm, or raise ``Http404``."""
    alarm = NetworkAlarm.objects.select_related("network").filter(pk=alarm_id).first()
    if alarm is None:
        raise Http404
    return alarm


def _senders(network: TerminalNetwork, *, may_unlock: bool) -> Table[BadSender]:
    unlock: Column[BadSender] = Column(
        label=_("Let in"),
        value=lambda row: __("Let in") if row.locked_until else "",
        href=lambda row: reverse("payments:unlock-sender", args=[row.pk]) if row.locked_until else "",
    )
    return Table(
        caption=_("Requests that were not trusted"),
        columns=(
            Column(label=_("From"), value="address", kind=Kind.CODE),
            Column(label=_("Last"), value="last_at", kind=Kind.INSTANT),
            Column(label=_("Why"), value="get_last_reason_display"),
            Column(label=_("Since the last good one"), value="count", kind=Kind.NUM),
            Column(label=_("Locked until"), value="locked_until", kind=Kind.INSTANT),
            *((unlock,) if may_unlock else ()),
        ),
        rows=list(bad_senders_of(network.pk)),
        empty=_("Every request of this network was good."),
    )


def _alarms(network: TerminalNetwork, *, may_settle: bool) -> Table[NetworkAlarm]:
    settle: Column[NetworkAlarm] = Column(
        label=_("Settle"),
        value=lambda row: "" if row.settled_at else __("Settle"),
        href=lambda row: "" if row.settled_at else reverse("payments:settle-network-alarm", args=[row.pk]),
    )
    return Table(
        caption=_("Alarms"),
        columns=(
            Column(label=_("Raised"), value="raised_at", kind=Kind.INSTANT),
            Column(label=_("What happened"), value="get_kind_display"),
            Column(label=_("About"), value="subject", kind=Kind.CODE),
            Column(label=_("Times"), value="times", kind=Kind.NUM),
            Column(label=_("What came of it"), value="note"),
            Column(label=_("Settled by"), value="settled_by"),
            *((settle,) if may_settle else ()),
        ),
        rows=list(alarms_of(network.pk)),
        empty=_("No alarm."),
    )


def _wishes(form: NetworkForm) -> dict[str, Any]:
    given = form.cleaned_data
    kept = {name: given[name] for name in ("name", "dialect", "partner_id", "addresses", "is_active")}
    return {
        **kept,
        "minimum_minor": given["minimum"],
        "maximum_minor": given["maximum"],
        "daily_limit_minor": given["daily_limit"],
    }


def _shown(key: str) -> str:
    return sentence_html(KEY_IS, {"key": code_html(key)})


def _currency() -> str:
    return settings.SALDO_CURRENCY
