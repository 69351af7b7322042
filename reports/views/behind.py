"""The rows behind the figures of a report: one department sees its own alone, as in the report."""

from collections.abc import Mapping, Sequence
from types import SimpleNamespace
from typing import Any, ClassVar

from django.conf import settings
from django.db.models import QuerySet, Sum
from django.http import Http404, HttpRequest, HttpResponseBase
from django.utils.html import format_html
from django.utils.translation import gettext, gettext_lazy as _, pgettext_lazy

from billing_site.web.addresses import url_or_empty
from billing_site.web.tables import Column, Kind, Row, TableCell
from billing_site.web.views import ListPage
from payments.models import WriteOff
from payments.queries.collection import PAYMENT
from reports.domain.definition import Question
from reports.forms.behind import behind_form, question_behind
from reports.forms.questions import are_places_open, place_fields
from reports.forms.tables import EMPTY
from reports.queries.behind import (
    MoneyDocument,
    WrittenBill,
    WrongBill,
    accounts_there,
    line_moves,
    money_documents,
    sums_of_accounts,
    written_bills,
    wrong_bills,
)
from reports.queries.catalogue import department_of
from subscribers.models import Account, Subscription
from subscribers.queries.words import CATEGORIES
from tariffs.queries.words import SERVICE_KINDS

# What moved receivable or received, and what was turned back.
DOCUMENTS: Mapping[tuple[str, bool], Any] = {
    ("INVOICE", False): _("Bill"),
    ("INVOICE", True): _("Bill taken back"),
    ("CREDIT_NOTE", False): _("Credit note"),
    ("CREDIT_NOTE", True): _("Credit note taken back"),
    ("PAYMENT", False): _("Payment"),
    ("PAYMENT", True): _("Payment taken back"),
}


def _money(label: Any, value: str) -> Column[Any]:
    currency = settings.SALDO_CURRENCY
    return Column(label=label, value=value, kind=Kind.MONEY, currency=lambda _row: currency, total=True)


class RowsBehind(ListPage[Row]):
    """Rows of days, places and what else a figure is told apart by; their sums are the figure."""

    permission: ClassVar[str] = "reports.view_reports"
    template_name = "reports/behind.html"
    is_wide = True
    # What else is asked for, see ``reports.forms.behind``.
    asked: ClassVar[tuple[str, ...]] = ()

    def dispatch(self, request: HttpRequest, *args: Any, **ids: Any) -> HttpResponseBase:
        """Refuse places that are not open to who looks before anything is read."""
        if request.user.is_authenticated and request.user.has_perm(self.permission):
            self.department_id = department_of(request.user)
            if not are_places_open(request.GET.dict(), fields=place_fields(self.department_id)):
                raise Http404
            self.__dict__["filter_form"] = behind_form(self.asked, department_id=self.department_id)
        return super().dispatch(request, *args, **ids)

    def rows(self, filters: Mapping[str, Any]) -> "QuerySet[Any, Row] | Sequence[Row]":
        """Return the rows of the filter."""
        question = question_behind(filters, department_id=self.department_id)
        self.found = self.rows_of(question, {name: str(filters.get(name) or "") for name in self.asked})
        return self.found

    def rows_of(self, question: Question, chosen: Mapping[str, str]) -> "QuerySet[Any, Row] | Sequence[Row]":
        """Return the rows of a question."""
        raise NotImplementedError

    def sums(self) -> Mapping[str, int]:
        """Return the sums of the columns that have one, of all pages."""
        names = [str(column.value) for column in self.columns if column.total]
        if isinstance(self.found, QuerySet):
            sums = self.found.aggregate(**{f"sum_{name}": Sum(name) for name in names})
            return {name: sums[f"sum_{name}"] or 0 for name in names}
        return {name: sum(getattr(row, name) for row in self.found) for name in names}

    def foot(self) -> Sequence[TableCell]:
        """Return the sums below the last row."""
        if not hasattr(self, "found"):
            return ()
        sums = SimpleNamespace(**self.sums())
        if not any(vars(sums).values()):
            return ()
        cells = [TableCell(html=one.html(sums) if one.total else EMPTY, css=one.css) for one in self.columns]
        return [TableCell(html=format_html("{}", gettext("Total")), css=""), *cells[1:]]

    def may_open(self, permission: str, url_name: str, *ids: int) -> str:
        """Return an address for who may open it."""
        return url_or_empty(url_name, *ids) if self.request.user.may(permission) else ""


class LineMoves(RowsBehind[Subscription]):
    """Lines that began or ended."""

    title = _("Lines that began or ended")
    asked = ("kind", "category", "reason")
    columns = (
        Column(label=pgettext_lazy("of a subscriber", "Line"), value="pk", kind=Kind.CODE),
        Column(label=_("Account"), value="account.number", kind=Kind.CODE),
        Column(label=_("Service centre"), value="account.centre.names", kind=Kind.NAME),
        Column(label=_("Kind of line"), value=lambda row: SERVICE_KINDS.get(row.kind, row.kind)),
        Column(label=_("Customer category"), value=lambda row: CATEGORIES.get(row.account.category, "")),
        Column(label=pgettext_lazy("of a line", "Began"), value="active_from", kind=Kind.DATE),
        Column(label=pgettext_lazy("of a line", "Ended"), value="active_until", kind=Kind.DATE),
        Column(label=_("Reason"), value="get_end_reason_display"),
        Column(label=_("Activated"), value="begun", kind=Kind.NUM, total=True),
        Column(label=_("Deactivated"), value="ended", kind=Kind.NUM, total=True),
    )
    empty = _("No line was activated or deactivated on these days.")

    def rows_of(self, question: Question, chosen: Mapping[str, str]) -> "QuerySet[Subscription, Subscription]":
        """Return the lines."""
        return line_moves(question, **chosen)

    def row_href(self, row: Subscription) -> str:
        """Open the account, for who may see whose it is."""
        return self.may_open("subscribers.view_subscriber", "console:account", row.account_id)


class AccountsThere(RowsBehind[Account]):
    """Accounts and their lines at the end of a day."""

    title = _("Accounts at the end of a day")
    asked = ("category",)
    columns = (
        Column(label=_("Account"), value="number", kind=Kind.CODE),
        Column(label=_("Service centre"), value="centre.names", kind=Kind.NAME),
        Column(label=_("Customer category"), value=lambda row: CATEGORIES.get(row.category, "")),
        Column(label=_("Opened"), value="opened_on", kind=Kind.DATE),
        Column(label=_("Accounts"), value="there", kind=Kind.NUM, total=True),
        Column(label=_("Fixed lines"), value="fixed", kind=Kind.NUM, total=True),
        Column(label=_("Mobile lines"), value="mobile", kind=Kind.NUM, total=True),
        Column(label=_("Internet lines"), value="internet", kind=Kind.NUM, total=True),
        Column(label=_("Other lines"), value="other", kind=Kind.NUM, total=True),
        Column(label=_("All lines"), value="lines", kind=Kind.NUM, total=True),
    )
    empty = _("There is no customer yet.")

    def rows_of(self, question: Question, chosen: Mapping[str, str]) -> "QuerySet[Account, Account]":
        """Return the accounts."""
        self.counted = sums_of_accounts(question, **chosen)
        return accounts_there(question, **chosen)

    def sums(self) -> Mapping[str, int]:
        """Return the sums as the daily counts have them."""
        return self.counted

    def row_href(self, row: Account) -> str:
        """Open the account, for who may see whose it is."""
        return self.may_open("subscribers.view_subscriber", "console:account", row.pk)


class MoneyBehind(RowsBehind[MoneyDocument]):
    """Bills, credit notes and payments of the accounts of service centres."""

    title = _("Bills and payments behind receivable and received")
    columns = (
        Column(label=_("Day of the books"), value="posted_on", kind=Kind.DATE),
        Column(label=_("Document"), value=lambda row: DOCUMENTS[row.document, row.is_reversal]),
        Column(label=_("Number"), value="code", kind=Kind.CODE),
        Column(label=_("Account"), value="account_number", kind=Kind.CODE),
        Column(label=_("Service centre"), value="centre", kind=Kind.NAME),
        _money(_("Receivable"), "receivable_minor"),
        _money(_("Money received"), "received_minor"),
    )
    empty = _("Nothing was billed or paid on these days.")

    def rows_of(self, question: Question, chosen: Mapping[str, str]) -> Sequence[MoneyDocument]:
        """Return the documents."""
        return money_documents(question, currency=settings.SALDO_CURRENCY)

    def row_href(self, row: MoneyDocument) -> str:
        """Open the bill or the payment."""
        if row.invoice_id is not None:
            return self.may_open("invoicing.view_invoice", "invoicing:invoice", row.invoice_id)
        is_payment = row.document == PAYMENT and row.code.isdigit()
        return self.may_open("payments.view_payments", "payments:payment", int(row.code)) if is_payment else ""


class WrongBills(RowsBehind[WrongBill]):
    """Bills that were corrected, taken back or disputed."""

    title = _("Bills corrected, taken back or disputed")
    columns = (
        Column(label=_("Bill"), value="number", kind=Kind.CODE),
        Column(label=_("Account"), value="account_number", kind=Kind.CODE),
        Column(label=_("Service centre"), value="centre", kind=Kind.NAME),
        Column(label=_("Wrong bills"), value="wrong_count", kind=Kind.NUM, total=True),
        Column(
            label=_("Taken back"),
            value="credited_minor",
            kind=Kind.MONEY,
            currency=lambda _row: settings.SALDO_CURRENCY,
            total=True,
        ),
        Column(label=_("Disputes"), value="disputed_count", kind=Kind.NUM, total=True),
        Column(label=_("Of these of a price"), value="price_count", kind=Kind.NUM, total=True),
    )
    empty = _("No bill was corrected, taken back or disputed on these days.")

    def rows_of(self, question: Question, chosen: Mapping[str, str]) -> Sequence[WrongBill]:
        """Return the bills."""
        return wrong_bills(question)

    def row_href(self, row: WrongBill) -> str:
        """Open the bill."""
        return self.may_open("invoicing.view_invoice", "invoicing:invoice", row.invoice_id)


class WrittenBills(RowsBehind[WrittenBill]):
    """Bills that were given up, and what came in for them later."""

    title = _("Bills given up and recovered")
    asked = ("age", "given_up")
    columns = (
        Column(label=_("Bad debts"), value="write_off_id", kind=Kind.CODE),
        Column(label=_("Account"), value="account_number", kind=Kind.CODE),
        Column(label=_("Bill"), value="number", kind=Kind.CODE),
        Column(label=_("Due"), value="due_on", kind=Kind.DATE),
        Column(label=_("Age in days"), value="age_days", kind=Kind.NUM),
        Column(label=_("Reason"), value=lambda row: dict(WriteOff.Reason.choices).get(row.reason, row.reason)),
        Column(label=_("Department"), value="department", kind=Kind.NAME),
        _money(_("Written off"), "written_minor"),
        _money(_("Tax in it"), "written_tax_minor"),
        _money(_("Recovered"), "recovered_minor"),
        _money(_("Tax in it"), "recovered_tax_minor"),
        _money(_("Loss"), "loss_minor"),
    )
    empty = _("Nothing was written off or recovered on these days.")

    def rows_of(self, question: Question, chosen: Mapping[str, str]) -> Sequence[WrittenBill]:
        """Return the bills."""
        age = int(chosen["age"]) if chosen["age"] else None
        return written_bills(question, currency=settings.SALDO_CURRENCY, age=age, reason=chosen["given_up"])

    def row_href(self, row: WrittenBill) -> str:
        """Open the proposal that it was in."""
        return self.may_open("payments.view_bad_debts", "payments:write-off", row.write_off_id)
