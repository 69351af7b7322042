"""Mandates of accounts and who collects; the account card's part about direct debit; the bank's files of answers."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext as __, gettext_lazy as _

from billing_site.core import clock
from billing_site.web.tables import Column, Kind, Table
from billing_site.web.views import DetailPage, FormPage, ListPage, Outcome
from payments.domain.debit_reasons import reason_of
from payments.forms.debits import (
    CreditorForm,
    MandateFilter,
    MandateForm,
    ResultsForm,
    RevokeForm,
    creditor_values,
)
from payments.models import DebitCreditor, DebitItem, DebitMandate, DebitResultFile, DebitResultLine
from payments.operations.debit_creditors import set_debit_creditor
from payments.operations.debit_mandates import record_debit_mandate, revoke_debit_mandate
from payments.operations.debit_results import apply_debit_results, load_debit_results
from payments.queries.direct_debits import (
    creditors,
    find_debit_failure,
    lines_of_result_file,
    mandates_for,
    result_files,
)
from payments.views.debits import reason_words
from subscribers.models import Account
from subscribers.views.accounts import account_column, card_url, get_account

SEE = "payments.view_direct_debits"
PANEL_ROWS = 6


def _why_it_ended(mandate: DebitMandate) -> str:
    """Return the reason: a bank's with its words in the reader's language, a person's as it was typed."""
    code, _colon, said = mandate.revoked_reason.partition(": ")
    known = reason_of(code)
    return f"{code}: {__(said)}" if said == known.sentence else mandate.revoked_reason


class MandateList(ListPage[DebitMandate]):
    """All mandates."""

    permission: ClassVar[str] = SEE
    title = _("Mandates of direct debit")
    filter_form = MandateFilter
    is_wide = True
    columns = (
        Column(label=_("Reference"), value="reference", kind=Kind.CODE),
        account_column(),
        Column(label=_("Subscriber"), value="account.subscriber.name"),
        Column(label=_("Account holder"), value="holder_name"),
        Column(label=_("Bank account ends in"), value="iban_last_four", kind=Kind.CODE),
        Column(label=_("Signed on"), value="signed_on", kind=Kind.DATE),
        Column(label=_("State"), value="state", kind=Kind.STATE),
        Column(label=_("Why it ended"), value=_why_it_ended),
    )
    empty = _("No mandate yet. They are taken on the card of an account.")

    def rows(self, filters: Mapping[str, Any]) -> QuerySet[DebitMandate]:
        """Return the mandates of the filter."""
        return mandates_for(state=filters.get("state") or "", account_number=filters.get("account_number") or "")


class DebitPanel(DetailPage[Account]):
    """A part of the account's card: the mandate, the last direct debits, and why the last one failed."""

    permission: ClassVar[str] = "payments.view_debit_failures"
    title = _("Direct debit")
    template_name = "payments/debit_panel.html"

    def subject(self, account_id: int) -> Account:
        """Return the account."""
        return get_account(account_id)

    def more(self, subject: Account) -> Mapping[str, Any]:
        """Return what holds and what happened."""
        mandate = mandates_for(account_id=subject.pk, state="ACTIVE").first()
        may = self.request.user.may
        return {
            "mandate": mandate,
            "failure": find_debit_failure(subject.pk),
            "debits": _debits(subject),
            "may_record": mandate is None and not subject.is_closed and may("payments.record_debit_mandate"),
        }


def _debits(account: Account) -> Table[DebitItem]:
    rows = DebitItem.objects.filter(account=account, batch__number__isnull=False)
    return Table(
        caption=_("Direct debits"),
        columns=(
            Column(label=_("Day of collection"), value="batch.collect_on", kind=Kind.DATE),
            Column(label=_("Amount"), value="amount_minor", kind=Kind.MONEY, currency="batch.currency"),
            Column(label=_("Answer"), value="get_state_display"),
            Column(label=_("Reason"), value=reason_words),
            Column(label=_("Tried again on"), value="retry_on", kind=Kind.DATE),
        ),
        rows=list(rows.select_related("batch").order_by("-pk")[:PANEL_ROWS]),
        empty=_("Nothing was collected yet."),
        row_href=lambda row: reverse("payments:debit-item", args=[row.pk]),
    )


class RecordDebitMandate(FormPage):
    """Take a mandate."""

    permission: ClassVar[str] = "payments.record_debit_mandate"
    title = _("Take a mandate of direct debit")
    form_class = MandateForm
    submit_label = _("Take the mandate")

    def initial(self, account_id: int, **ids: Any) -> Mapping[str, Any]:
        """Offer the subscriber as the holder."""
        account = get_account(account_id)
        return {"holder_name": account.subscriber.name[:70], "signed_on": clock.today()}

    def more(self, account_id: int, **ids: Any) -> Mapping[str, Any]:
        """Lead back to the account."""
        return _back_to(get_account(account_id))

    def perform(self, form: Any, account_id: int, **ids: Any) -> Outcome:
        """Take it."""
        given = form.cleaned_data
        account = get_account(account_id)
        record_debit_mandate(
            account_id=account.pk,
            creditor_id=given["creditor"].pk,
            iban=given["iban"],
            bic=given["bic"],
            holder_name=given["holder_name"],
            signed_on=given["signed_on"],
            reference=given["reference"],
            at=clock.now(),
            actor=self.request.user,
        )
        return Outcome(url=card_url(account.pk), message=__("The mandate is taken."))


class RevokeDebitMandate(FormPage):
    """End a mandate."""

    permission: ClassVar[str] = "payments.revoke_debit_mandate"
    title = _("End the mandate of direct debit")
    form_class = RevokeForm
    submit_label = _("End the mandate")
    intro = _("What was sent to the bank already is still collected.")

    def more(self, mandate_id: int, **ids: Any) -> Mapping[str, Any]:
        """Lead back to the account."""
        return _back_to(get_mandate_or_404(mandate_id).account)

    def perform(self, form: Any, mandate_id: int, **ids: Any) -> Outcome:
        """End it."""
        mandate = get_mandate_or_404(mandate_id)
        reason = form.cleaned_data["reason"]
        revoke_debit_mandate(mandate_id=mandate.pk, reason=reason, at=clock.now(), actor=self.request.user)
        return Outcome(url=card_url(mandate.account_id), message=__("The mandate has ended."))


class CreditorList(ListPage[DebitCreditor]):
    """Who collects, and how failures are gone on with."""

    permission: ClassVar[str] = SEE
    template_name = "payments/debit_creditor_list.html"
    title = _("Creditors of direct debit")
    order = ("code",)
    columns = (
        Column(label=_("Code"), value="code", kind=Kind.CODE),
        Column(label=_("Name"), value="name"),
        Column(label=_("Creditor's number"), value="creditor_id", kind=Kind.CODE),
        Column(label=_("Bank account"), value=lambda row: f"…{row.iban[-4:]}", kind=Kind.CODE),
        Column(label=_("Version of the file"), value="file_version", kind=Kind.CODE),
        Column(
            label=_("Days to each next try"),
            value=lambda row: ", ".join(str(day) for day in row.retry_days),
            kind=Kind.CODE,
        ),
        Column(label=_("Reasons that are tried again"), value=lambda row: ", ".join(row.retry_reasons), kind=Kind.CODE),
    )
    empty = _("Nobody collects yet. Name the creditor as the bank knows it.")

    def rows(self, filters: Mapping[str, Any]) -> QuerySet[DebitCreditor]:
        """Return all."""
        return creditors()

    def row_href(self, row: DebitCreditor) -> str:
        """Lead to its values, for who may set them."""
        may = self.request.user.may("payments.set_debit_creditor")
        return f"{reverse('payments:set-debit-creditor')}?code={row.code}" if may else ""


class SetDebitCreditor(FormPage):
    """Name who collects, or give it new values."""

    permission: ClassVar[str] = "payments.set_debit_creditor"
    title = _("Creditor of direct debit")
    form_class = CreditorForm

    def initial(self, **ids: Any) -> Mapping[str, Any]:
        """Show the values of the one whose code is asked for."""
        known = creditors().filter(code=self.request.GET.get("code", "")).first()
        return creditor_values(known) if known is not None else {}

    def more(self, **ids: Any) -> Mapping[str, Any]:
        """Lead back."""
        return {"back_url": reverse("payments:debit-creditors")}

    def perform(self, form: Any, **ids: Any) -> Outcome:
        """Set it."""
        set_debit_creditor(**form.creditor(), actor=self.request.user)
        return Outcome(url=reverse("payments:debit-creditors"), message=__("The creditor is set."))


class ResultFileList(ListPage[DebitResultFile]):
    """The bank's files."""

    permission: ClassVar[str] = SEE
    template_name = "payments/debit_result_list.html"
    title = _("Answers of the bank")
    columns = (
        Column(label=_("Loaded"), value="loaded_at", kind=Kind.INSTANT),
        Column(label=_("File"), value="name", kind=Kind.CODE),
        Column(label=_("Answers"), value="line_count", kind=Kind.NUM, total=True),
        Column(label=_("Carried out"), value="applied_count", kind=Kind.NUM, total=True),
        Column(label=_("Known before"), value="repeated_count", kind=Kind.NUM, total=True),
        Column(label=_("To be looked at"), value="odd_count", kind=Kind.NUM, total=True),
        Column(label=_("Waiting"), value="waiting_count", kind=Kind.NUM, total=True),
        Column(label=_("Loaded by"), value="loaded_by"),
    )
    empty = _("The bank has not answered yet, or its file was not loaded.")

    def rows(self, filters: Mapping[str, Any]) -> QuerySet[DebitResultFile]:
        """Return all."""
        return result_files()

    def row_href(self, row: DebitResultFile) -> str:
        """Lead to its answers."""
        return reverse("payments:debit-result", args=[row.pk])


class ResultFilePage(ListPage[DebitResultLine]):
    """The answers of a file, and what each did."""

    permission: ClassVar[str] = SEE
    title = _("Answers of a file")
    is_wide = True
    order = ("id",)
    columns = (
        Column(label=_("Line"), value="line_number", kind=Kind.NUM),
        Column(label=_("Direct debit"), value="reference", kind=Kind.CODE),
        Column(
            label=_("Account"),
            value="item.account.number",
            kind=Kind.CODE,
            href=lambda row: card_url(row.item.account_id) if row.item_id else "",
        ),
        Column(label=_("Subscriber"), value="item.account.subscriber.name"),
        Column(label=_("Answer"), value="outcome", kind=Kind.STATE),
        Column(label=_("Reason"), value=lambda row: __(reason_of(row.reason_code).sentence) if row.reason_code else ""),
        Column(label=_("The bank's own words"), value="reason_text"),
        Column(label=_("What it did"), value="get_state_display"),
    )

    def rows(self, filters: Mapping[str, Any]) -> QuerySet[DebitResultLine]:
        """Return them."""
        if not DebitResultFile.objects.filter(pk=filters["file_id"]).exists():
            raise Http404
        return lines_of_result_file(filters["file_id"])

    def row_href(self, row: DebitResultLine) -> str:
        """Lead to the order."""
        return reverse("payments:debit-item", args=[row.item_id]) if row.item_id else ""


class LoadDebitResults(FormPage):
    """Load a file; a short one is carried out at once, a long one by a worker."""

    permission: ClassVar[str] = "payments.load_debit_results"
    title = _("Load the bank's answers")
    form_class = ResultsForm
    submit_label = _("Load")
    intro = _("The file is taken whole or not at all; the same file again changes nothing.")

    def more(self, **ids: Any) -> Mapping[str, Any]:
        """Lead back."""
        return {"back_url": reverse("payments:debit-results")}

    def perform(self, form: Any, **ids: Any) -> Outcome:
        """Load it and carry out what can be at once."""
        given, now = form.cleaned_data, clock.now()
        file = load_debit_results(
            creditor_id=given["creditor"].pk,
            name=given["results"].name,
            content=given["results"].read(),
            at=now,
            actor=self.request.user,
        )
        if file.is_long:
            said = __("The answers are loaded and are being carried out. Look again in a few minutes.")
        else:
            apply_debit_results(file_id=file.pk, at=now)
            said = __("The answers are loaded and carried out.")
        return Outcome(url=reverse("payments:debit-result", args=[file.pk]), message=said)


def get_mandate_or_404(mandate_id: int) -> DebitMandate:
    """Return a mandate, or raise ``Http404``."""
    mandate = mandates_for().filter(pk=mandate_id).first()
    if mandate is None:
        raise Http404
    return mandate


def _back_to(account: Account) -> Mapping[str, Any]:
    url = card_url(account.pk)
    return {"back_url": url, "crumb": {"url": url, "label": account.number}}
