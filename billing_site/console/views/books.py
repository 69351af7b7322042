"""The books for the eye: the check with its findings, accounts of the ledger, and who did what."""

from collections.abc import Mapping
from datetime import date
from typing import Any, ClassVar
from urllib.parse import urlencode
from uuid import uuid4

from django import forms
from django.db.models import Case, F, Q, QuerySet, When
from django.http import Http404, HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _, gettext_lazy

from billing_site.audit.models import AuditEntry
from billing_site.console.books import INVARIANTS, find_last_check, start_check
from billing_site.console.views.jobs import panel_of
from billing_site.identity.http import StaffRequest
from billing_site.ledger.balances import balance_of
from billing_site.ledger.closing import get_closed_through
from billing_site.ledger.models import LedgerAccount, LedgerEntry, LedgerPosting
from billing_site.web.addresses import url_or_empty
from billing_site.web.forms import DayField
from billing_site.web.states import state_choices
from billing_site.web.tables import Column, Kind, Table
from billing_site.web.views import SUBMISSION_KEY, ActionView, ListPage, Outcome

# The day that an empty database starts with.
NOTHING_CLOSED = date(1999, 12, 31)
SENTENCES = {invariant.name: invariant.sentence for invariant in INVARIANTS}


class CheckBooks(ActionView):
    """The last check with what it found, and the button for the next one."""

    permission = "console.check_books"
    title = gettext_lazy("Check of the books")
    button = gettext_lazy("Check now")
    template_name = "console/check_books.html"
    columns: ClassVar[tuple[Column[dict[str, str]], ...]] = (
        Column(label=gettext_lazy("What must be true"), value=lambda row: _(SENTENCES.get(row["invariant"], ""))),
        Column(label=gettext_lazy("Where it is not"), value="subject", kind=Kind.CODE),
        Column(label=gettext_lazy("What is there"), value="detail", kind=Kind.CODE),
    )

    def back_url(self) -> str:
        """Return this page."""
        return reverse("console:check-books")

    def get(self, request: StaffRequest, **ids: Any) -> HttpResponseBase:
        """Show the last check and the button."""
        return self.show({**self.last_check(), "button": self.button, SUBMISSION_KEY: uuid4()})

    def last_check(self) -> Mapping[str, Any]:
        """Return the last check with its findings."""
        job = find_last_check()
        closed_through = get_closed_through()
        findings = job.result.get("findings", []) if job is not None else []
        table = Table(columns=self.columns, rows=findings, caption=_("Findings"), empty=_("Nothing was found wrong."))
        return {
            "job": job,
            "panel": panel_of(job, person=self.request.user) if job is not None else None,
            "findings": table,
            "invariant_count": len(INVARIANTS),
            "closed_through": closed_through,
            "is_any_closed": closed_through > NOTHING_CLOSED,
        }

    def perform(self) -> Outcome:
        """Start a check."""
        start_check(started_by=str(self.request.user))
        return Outcome(url=self.back_url(), message=_("The check has begun."))


class LedgerAccountFilter(forms.Form):
    """Accounts of one kind."""

    kind = forms.ChoiceField(label=gettext_lazy("Kind"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Offer the kinds of the operator's own accounts; subscribers' accounts are found by the search box."""
        super().__init__(*args, **kwargs)
        own = state_choices(kind for kind in LedgerAccount.Kind.values if kind != LedgerAccount.Kind.SUBSCRIBER)
        self.fields["kind"].choices = [("", _("All")), *own]  # type: ignore[attr-defined]


class LedgerAccountList(ListPage[LedgerAccount]):
    """The operator's own accounts of the books."""

    permission = "ledger.view_ledger"
    title = gettext_lazy("Accounts of the books")
    columns = (
        Column(label=gettext_lazy("Account of the books"), value="code", kind=Kind.CODE),
        Column(label=gettext_lazy("Kind"), value="kind", kind=Kind.STATE),
        Column(label=gettext_lazy("Currency"), value="currency", kind=Kind.CODE),
    )
    order = ("code",)
    filter_form = LedgerAccountFilter
    empty = gettext_lazy("No account yet. The first bill and the first payment open them.")

    def rows(self, filters: Mapping[str, Any]) -> "QuerySet[LedgerAccount]":
        """Return accounts of a kind, or all but the subscribers'."""
        accounts = LedgerAccount.objects.exclude(kind=LedgerAccount.Kind.SUBSCRIBER)
        return accounts.filter(kind=filters["kind"]) if filters.get("kind") else accounts

    def row_href(self, row: LedgerAccount) -> str:
        """Lead to the account's postings."""
        return reverse("console:ledger-account", args=[row.pk])


class PostedFilter(forms.Form):
    """Postings of days."""

    first = DayField(label=gettext_lazy("From"), required=False)
    last = DayField(label=gettext_lazy("To"), required=False)


class LedgerAccountPage(ListPage[LedgerPosting]):
    """The postings of one account, the latest first."""

    permission = "ledger.view_ledger"
    title = gettext_lazy("Account of the books")
    template_name = "console/ledger_account.html"
    columns = (
        Column(label=gettext_lazy("Day"), value="entry.posted_on", kind=Kind.DATE),
        Column(
            label=gettext_lazy("Document"),
            value=lambda row: str(row.entry),
            kind=Kind.CODE,
            href=lambda row: _document_url(row.entry),
        ),
        Column(label=gettext_lazy("Debit"), value="debit.code", kind=Kind.CODE),
        Column(label=gettext_lazy("Credit"), value="credit.code", kind=Kind.CODE),
        Column(label=gettext_lazy("Amount"), value="signed_minor", kind=Kind.MONEY, currency="currency", total=True),
        Column(label=gettext_lazy("Posted by"), value="entry.actor"),
        Column(label=gettext_lazy("Reason"), value="entry.reason"),
    )
    order = ("-entry_id", "-n")
    filter_form = PostedFilter
    empty = gettext_lazy("Nothing was posted to this account yet.")

    def rows(self, filters: Mapping[str, Any]) -> "QuerySet[LedgerPosting]":
        """Return both sides; what is credited is negative."""
        account_id = filters["ledger_account_id"]
        postings = LedgerPosting.objects.filter(Q(debit_id=account_id) | Q(credit_id=account_id))
        if filters.get("first"):
            postings = postings.filter(entry__posted_on__gte=filters["first"])
        if filters.get("last"):
            postings = postings.filter(entry__posted_on__lte=filters["last"])
        return postings.select_related("entry", "debit", "credit").annotate(
            signed_minor=Case(When(debit_id=account_id, then=F("amount_minor")), default=-F("amount_minor"))
        )

    def more(self, filters: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return the account itself."""
        account = LedgerAccount.objects.filter(pk=filters["ledger_account_id"]).first()
        if account is None:
            raise Http404
        is_kept = account.kind == LedgerAccount.Kind.SUBSCRIBER
        return {"account": account, "balance_minor": balance_of(account.pk) if is_kept else None}


def _document_url(entry: LedgerEntry) -> str:
    """Return where the document of an entry is read: a payment by its key, a bill by its number."""
    if entry.source_type == "PAYMENT" and entry.source_id.isdigit():
        return url_or_empty("payments:payment", entry.source_id)
    if entry.source_type == "INVOICE":
        return f"{url_or_empty('invoicing:invoices')}?{urlencode({'number': entry.source_id})}"
    return ""


class AuditFilter(forms.Form):
    """Acts of a person or on a thing."""

    person = forms.CharField(label=gettext_lazy("Sign-in name"), required=False, max_length=150)
    action = forms.CharField(label=gettext_lazy("Act"), required=False, max_length=64)
    subject_id = forms.CharField(label=gettext_lazy("Number of the thing"), required=False, max_length=64)


class AuditLog(ListPage[AuditEntry]):
    """Who did what, the latest first. Nobody can change it."""

    permission = "audit.view_audit"
    title = gettext_lazy("Who did what")
    columns = (
        Column(label=gettext_lazy("When"), value="at", kind=Kind.STAMP),
        Column(label=gettext_lazy("Who"), value="actor_name"),
        Column(label=gettext_lazy("Act"), value="action", kind=Kind.CODE),
        Column(label=gettext_lazy("Thing"), value="subject_type", kind=Kind.CODE),
        Column(label=gettext_lazy("Number of the thing"), value="subject_id", kind=Kind.CODE),
        Column(label=gettext_lazy("Details"), value=lambda act: _spelt(act.changes), kind=Kind.CODE),
    )
    filter_form = AuditFilter
    empty = gettext_lazy("Nobody did anything of this kind yet.")

    def rows(self, filters: Mapping[str, Any]) -> "QuerySet[AuditEntry]":
        """Return acts that match every word given."""
        wanted = {"actor__username": "person", "action": "action", "subject_id": "subject_id"}
        given = {column: filters[name] for column, name in wanted.items() if filters.get(name)}
        return AuditEntry.objects.filter(**given)


def _spelt(changes: Mapping[str, object]) -> str:
    return ", ".join(f"{name} {value}" for name, value in changes.items())
