"""The subscriber card, and the panels that it loads by itself."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.conf import settings
from django.http import Http404
from django.utils.translation import get_language, gettext as _, gettext_lazy

from billing_site.core import clock
from billing_site.core.names import name_in
from billing_site.web.addresses import url_or_empty
from billing_site.web.tables import Column, Kind, Table
from billing_site.web.views import DetailPage
from invoicing.models import Invoice
from invoicing.queries.disputes import disputed_amounts
from invoicing.queries.invoices import posted_invoices_of
from payments.models import Payment
from payments.queries.instalments import asked_in_parts
from payments.queries.payments import debts_of_account, payments_for, state_of
from rating.models import CorrectionTotal, UsageTotal
from subscribers.models import Account
from subscribers.queries.accounts import AccountCard, LineCard, get_account_card
from subscribers.queries.agreements import contracts_of_account, promotions_of_account
from subscribers.queries.delivery import delivery_of_account
from subscribers.queries.words import CATEGORIES
from subscribers.views.accounts import get_account
from tariffs.models import BillItem

PANEL_ROWS = 12
SERVICES = {
    "FIXED": gettext_lazy("Fixed line"),
    "MOBILE": gettext_lazy("Mobile"),
    "INTERNET": gettext_lazy("Internet"),
    "OTHER": gettext_lazy("Other services"),
}
SUSPENSION_PAGES = {"ACTIVE": "suspend-subscription", "SUSPENDED": "resume-subscription"}
KINDS = {"PERSON": gettext_lazy("Person"), "COMPANY": gettext_lazy("Company")}


class AccountPage(DetailPage[AccountCard]):
    """An account: who, what is owed, which lines; bills, payments and usage come as panels."""

    permission = "subscribers.view_subscriber"
    template_name = "console/account.html"

    def subject(self, account_id: int) -> AccountCard:
        """Return the card."""
        try:
            return get_account_card(account_id)
        except Account.DoesNotExist as error:
            raise Http404 from error

    def page_title(self, subject: AccountCard) -> str:
        """Call the page by the subscriber."""
        return subject.name

    def more(self, subject: AccountCard) -> Mapping[str, Any]:
        """Return the lines, and the panels that this person may see."""
        may = self.request.user.may
        panels = [
            ("bills", _("Bills"), "invoicing.view_invoice", "console:account-bills"),
            ("charges", _("One-off charges"), "invoicing.view_charges", "invoicing:charges-panel"),
            ("payments", _("Payments"), "payments.view_payments", "console:account-payments"),
            ("debits", _("Direct debit"), "payments.view_debit_failures", "payments:debit-panel"),
            ("dunning", _("Debts and dunning"), "payments.view_dunning", "payments:dunning-panel"),
            (
                "money",
                _("Credit, deposits and instalments"),
                "payments.view_refunds",
                "payments:money-panel",
            ),
            ("usage", _("Usage"), "rating.view_records", "console:account-usage"),
            ("limits", _("Limits and alerts"), "rating.view_limits", "rating:limits-panel"),
            ("payers", _("Payers, exemptions and group"), self.permission, "subscribers:payers-panel"),
            ("relations", _("Favourite numbers and groups"), self.permission, "subscribers:relations-panel"),
            ("portal", _("Own pages"), "portal.view_logins", "portal:login-panel"),
        ]
        book = url_or_empty("console:ledger-account", subject.ledger_account_id)
        disputed_minor = _disputed_of(subject.account_id)
        in_parts = asked_in_parts([subject.account_id], on=clock.today()).get(subject.account_id)
        later_minor = in_parts.total_later_minor if in_parts else 0
        return {
            "due_minor": subject.balance_minor - disputed_minor - later_minor,
            "later_minor": later_minor,
            "disputed_minor": disputed_minor,
            "promotions": promotions_of_account(account_id=subject.account_id),
            "delivery": delivery_of_account(account_id=subject.account_id),
            "contracts": contracts_of_account(account_id=subject.account_id),
            "lines": _lines_table(
                subject,
                may_see_records=may("rating.view_call_list"),
                may_advise=may("rating.advise_plan"),
                may_suspend=may("subscribers.suspend_subscription"),
                may_add_feature=may("subscribers.add_feature"),
            ),
            "panels": [
                {"id": f"panel-{key}", "title": title, "url": url_or_empty(name, subject.account_id)}
                for key, title, verb, name in panels
                if may(verb)
            ],
            "category": CATEGORIES.get(subject.category, subject.category),
            "kind": KINDS.get(subject.subscriber_kind, subject.subscriber_kind),
            "ledger_url": book if may("ledger.view_ledger") else "",
            "calls_url": url_or_empty("rating:account-calls", subject.account_id)
            if may("rating.view_call_list")
            else "",
        }


def _disputed_of(account_id: int) -> int:
    """Return what an account owes and need not pay until its disputes are answered; hardly any has one."""
    return debts_of_account(account_id).disputed_minor if disputed_amounts([account_id]) else 0


def _lines_table(
    card: AccountCard, *, may_see_records: bool, may_advise: bool, may_suspend: bool, may_add_feature: bool
) -> Table[LineCard]:
    today, now = clock.today(), clock.now()
    language = get_language() or settings.LANGUAGE_CODE
    advice: Column[LineCard] = Column(
        label=_("Plan advice"),
        value=lambda _line: _("Compare plans"),
        href=lambda line: url_or_empty("rating:advise-line", line.subscription_id),
    )
    return Table(
        columns=(
            Column(label=_("Service"), value=lambda line: SERVICES.get(line.kind, line.kind)),
            Column(label=_("Number"), value=lambda line: _number_of(line, now), kind=Kind.PHONE),
            Column(label=_("Plan"), value=lambda line: getattr(line.plan_on(today), "names", None), kind=Kind.NAME),
            Column(
                label=_("Features"),
                value=lambda line: ", ".join(
                    name_in(one.names, language) for one in line.features if one.days.contains(today)
                ),
            ),
            Column(label=_("State"), value="state", kind=Kind.STATE),
            Column(label=_("Active from"), value="active_from", kind=Kind.DATE),
            Column(label=_("Active until"), value="active_until", kind=Kind.DATE),
            *((_MORE_FEATURES,) if may_add_feature else ()),
            *((advice,) if may_advise else ()),
            *((_SUSPENSION,) if may_suspend else ()),
        ),
        rows=card.lines,
        caption=_("Services"),
        empty=_("No service yet."),
        row_href=lambda line: (
            url_or_empty("rating:subscription-records", line.subscription_id) if may_see_records else ""
        ),
    )


_MORE_FEATURES: Column[LineCard] = Column(
    label=gettext_lazy("More features"),
    value=lambda line: _("Add a feature") if line.state in SUSPENSION_PAGES else "",
    href=lambda line: (
        url_or_empty("invoicing:add-feature", line.subscription_id) if line.state in SUSPENSION_PAGES else ""
    ),
)
_SUSPENSION: Column[LineCard] = Column(
    label=gettext_lazy("In service"),
    value=lambda line: {"ACTIVE": _("Suspend"), "SUSPENDED": _("Put back")}.get(line.state, ""),
    href=lambda line: (
        url_or_empty(f"subscribers:{SUSPENSION_PAGES[line.state]}", line.subscription_id)
        if line.state in SUSPENSION_PAGES
        else ""
    ),
)


def _number_of(line: LineCard, now: datetime) -> str | None:
    """Return the number that a line holds, or the one it held last."""
    held = line.numbers_at(now) or tuple(number.number for number in line.numbers[:1])
    return held[0] if held else None


class AccountPanel(DetailPage[Account]):
    """A part of the card: a table of the latest rows."""

    template_name = "console/panel.html"

    def subject(self, account_id: int) -> Account:
        """Return the account."""
        return get_account(account_id)

    def more(self, subject: Account) -> Mapping[str, Any]:
        """Return the table."""
        return {"table": self.table(subject)}

    def table(self, account: Account) -> Table[Any]:
        """Return the latest rows of the account."""
        raise NotImplementedError


class AccountBills(AccountPanel):
    """The latest bills."""

    permission = "invoicing.view_invoice"
    title = gettext_lazy("Bills")

    def table(self, account: Account) -> Table[Invoice]:
        """Return them, the latest first."""
        return Table(
            columns=(
                Column(
                    label=_("Bill"),
                    value="number",
                    kind=Kind.CODE,
                    href=lambda bill: url_or_empty("invoicing:invoice", bill.pk),
                ),
                Column(label=_("Issued"), value="issued_on", kind=Kind.DATE),
                Column(label=_("Due"), value="due_on", kind=Kind.DATE),
                Column(label=_("Amount"), value="gross_minor", kind=Kind.MONEY, currency="currency"),
            ),
            rows=list(posted_invoices_of(account.pk).order_by("-issued_on", "-pk")[:PANEL_ROWS]),
            caption=_("Bills"),
            empty=_("No bill yet. The bill run makes them."),
        )


class AccountPayments(AccountPanel):
    """The latest payments."""

    permission = "payments.view_payments"
    title = gettext_lazy("Payments")

    def table(self, account: Account) -> Table[Payment]:
        """Return them, the latest first."""
        return Table(
            columns=(
                Column(
                    label=_("Received"),
                    value="received_at",
                    kind=Kind.INSTANT,
                    href=lambda payment: url_or_empty("payments:payment", payment.pk),
                ),
                Column(label=_("Reference"), value="key", kind=Kind.CODE),
                Column(label=_("Amount"), value="amount_minor", kind=Kind.MONEY, currency="amount_currency"),
                Column(label=_("State"), value=state_of, kind=Kind.STATE),
            ),
            rows=list(payments_for(account.pk)[:PANEL_ROWS]),
            caption=_("Payments"),
            empty=_("No payment yet."),
        )


class AccountUsage(AccountPanel):
    """What was used, by bill period and line."""

    permission = "rating.view_records"
    title = gettext_lazy("Usage")

    def table(self, account: Account) -> Table[UsageTotal | CorrectionTotal]:
        """Return the latest totals, each period's corrections of earlier ones behind its own usage."""
        order = ("-bill_period", "subscription_id", "bill_item_id")
        latest: list[UsageTotal | CorrectionTotal] = [
            *UsageTotal.objects.filter(account_id=account.pk).order_by(*order)[:PANEL_ROWS],
            *CorrectionTotal.objects.filter(account_id=account.pk).order_by(*order, "corrects")[:PANEL_ROWS],
        ]
        rows = sorted(latest, key=lambda row: row.bill_period, reverse=True)[:PANEL_ROWS]
        items = dict(BillItem.objects.filter(pk__in={row.bill_item_id for row in rows}).values_list("pk", "names"))
        numbers = {line.subscription_id: _number_of(line, clock.now()) for line in get_account_card(account.pk).lines}
        return Table(
            columns=(
                Column(label=_("Bill period from"), value="bill_period", kind=Kind.DATE),
                Column(label=_("Number"), value=lambda row: numbers.get(row.subscription_id), kind=Kind.PHONE),
                Column(label=_("Charge"), value=lambda row: items.get(row.bill_item_id), kind=Kind.NAME),
                Column(label=_("Corrects"), value=lambda row: getattr(row, "corrects", None), kind=Kind.DATE),
                Column(label=_("Calls"), value="record_count", kind=Kind.NUM),
                Column(label=_("Duration"), value="duration_seconds", kind=Kind.DURATION),
                Column(label=_("From allowances"), value="allowance_units", kind=Kind.DURATION),
                Column(label=_("Amount"), value="amount_micro", kind=Kind.MICRO),
            ),
            rows=rows,
            caption=_("Usage"),
            empty=_("Nothing was used yet."),
            row_href=_records_href,
        )


def _records_href(row: UsageTotal | CorrectionTotal) -> str:
    """Return the records behind a total."""
    place = (row.subscription_id, row.bill_period.isoformat(), row.bill_item_id)
    if isinstance(row, CorrectionTotal):
        return url_or_empty("rating:correction-records", *place, row.corrects.isoformat())
    return url_or_empty("rating:line-records", *place)
