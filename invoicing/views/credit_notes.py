"""Credit notes: the lists, one with its lines beside the bill, the forms that take bills back, approval."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django.conf import settings
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as __, gettext_lazy as _

from billing_site.core import clock
from billing_site.core.errors import BillingError
from billing_site.identity.http import StaffRequest
from billing_site.web.tables import Column, Kind
from billing_site.web.views import ActionView, DetailPage, FormPage, ListPage, Outcome, StaffPage, Text
from billing_site.web.wrapping import code_html, minor_html, phone_html
from invoicing.forms.corrections import CreditLinesForm, CreditNoteFilter, LetterFilter, TakeBackForm
from invoicing.forms.delivery import ResendBillForm
from invoicing.models import CreditNote, Letter
from invoicing.operations.cancellations import cancel_invoice
from invoicing.operations.credit_approvals import approve_credit_note
from invoicing.operations.credit_deliveries import resend_credit_note
from invoicing.operations.credit_notes import decline_credit_note, propose_credit_note
from invoicing.operations.credit_papers import render_credit_note
from invoicing.operations.replacements import preview_replacement, replace_invoice
from invoicing.queries.bill_comparisons import BillComparison, compare_bills, compare_papers
from invoicing.queries.bill_deliveries import deliveries_of_credit_note
from invoicing.queries.credit_notes import CreditCase, credit_notes_for, get_credit_case, letters_for, lines_left
from invoicing.queries.papers import get_paper
from invoicing.views.disputes import bill_or_404, reader_language
from invoicing.views.way_tables import ways_table
from subscribers.views.accounts import card_url


def address_of_credit_note(credit_note_id: int) -> str:
    """Return the address of a credit note."""
    return reverse("invoicing:credit-note", args=[credit_note_id])


class CreditNoteList(ListPage[CreditNote]):
    """Credit notes, the latest first."""

    permission: ClassVar[str] = "invoicing.view_credit_notes"
    title = _("Credit notes")
    columns = (
        Column(label=_("Credit note"), value="number", kind=Kind.CODE),
        Column(label=_("State"), value="state", kind=Kind.STATE),
        Column(label=_("Kind"), value="get_kind_display"),
        Column(label=_("Bill"), value="frozen.bill", kind=Kind.CODE),
        Column(label=_("Account"), value="frozen.account", kind=Kind.CODE),
        Column(label=_("Name"), value="frozen.name"),
        Column(label=_("Reason"), value="reason.names", kind=Kind.NAME),
        Column(label=_("Letter"), value="letter.number", kind=Kind.CODE),
        Column(label=_("Issued"), value="issued_on", kind=Kind.DATE),
        Column(label=_("Taken back"), value="credited_minor", kind=Kind.MONEY, currency="currency", total=True),
        Column(label=_("Proposed by"), value=lambda row: str(row.proposed_by or "")),
        Column(label=_("Decided by"), value=lambda row: str(row.decided_by or "")),
    )
    order = ("-id",)
    is_wide = True
    filter_form = CreditNoteFilter
    empty = _("No credit note yet. A bill is taken back, in part or whole, from its page.")

    def rows(self, filters: Mapping[str, Any]) -> QuerySet[CreditNote]:
        """Return the credit notes of the filter."""
        return credit_notes_for(
            number=filters.get("number") or "",
            account_number=filters.get("account") or "",
            state=filters.get("state") or "",
            reason_id=filters["reason"].pk if filters.get("reason") else None,
            issued_from=filters.get("issued_from"),
            issued_to=filters.get("issued_to"),
            invoice_id=filters.get("invoice"),
            letter_id=filters.get("letter"),
        )

    def row_href(self, row: CreditNote) -> str:
        """Open the credit note."""
        return address_of_credit_note(row.pk)


class CreditNotePage(DetailPage[CreditCase]):
    """One credit note: why, for which letter, its lines beside those of the bill, who proposed and who decided."""

    permission: ClassVar[str] = "invoicing.view_credit_notes"
    template_name = "invoicing/credit_note_detail.html"

    def subject(self, credit_note_id: int) -> CreditCase:
        """Return the credit note with its lines."""
        return case_or_404(credit_note_id, language=reader_language())

    def page_title(self, subject: CreditCase) -> str:
        """Name the credit note."""
        if not subject.note.number:
            return __("Credit note that waits")
        return __("Credit note %(number)s") % {"number": subject.note.number}

    def more(self, subject: CreditCase) -> Mapping[str, Any]:
        """Say what may be done."""
        note, user = subject.note, self.request.user
        waits = note.state == CreditNote.State.PROPOSED
        return {
            "comparison": self._comparison(subject),
            "note": note,
            "account_url": card_url(note.account_id),
            "is_own": note.proposed_by_id == user.pk,
            "may_approve": waits and user.may("invoicing.approve_credit_note"),
            "may_decline": waits and user.may("invoicing.decline_credit_note"),
            "ways": ways_table(
                rows=deliveries_of_credit_note(credit_note_id=note.pk),
                reader=user,
                empty=__("It went out on no way: the bill of a run taken back had not gone out either."),
            ),
        }

    def _comparison(self, subject: CreditCase) -> BillComparison | None:
        if subject.successor is None:
            return None
        return compare_bills(before_id=subject.invoice.pk, after_id=subject.successor.pk, language=reader_language())


class ResendCreditNote(FormPage):
    """Send a credit note once more."""

    permission: ClassVar[str] = "invoicing.resend_credit_note"
    title = _("Send the credit note again")
    form_class = ResendBillForm
    submit_label = _("Send again")
    intro = _("By mail it goes at once; on paper with the next print batch.")

    def initial(self, credit_note_id: int) -> Mapping[str, Any]:
        """Offer the way that it took last."""
        note = case_or_404(credit_note_id, language=reader_language()).note
        last = deliveries_of_credit_note(credit_note_id=credit_note_id).first()
        kept = {} if last is None else {"channel": last.channel, "address": last.address}
        return {"language": note.language, **kept}

    def more(self, credit_note_id: int) -> Mapping[str, Any]:
        """Lead back."""
        return {"back_url": address_of_credit_note(credit_note_id)}

    def perform(self, form: ResendBillForm, credit_note_id: int) -> Outcome:
        """Send it."""
        resend_credit_note(credit_note_id=credit_note_id, **form.cleaned_data, at=clock.now(), actor=self.request.user)
        return Outcome(url=address_of_credit_note(credit_note_id), message=__("The credit note is on its way again."))


class CreditNotePdf(StaffPage):
    """The paper, in the subscriber's language or the one asked for."""

    permission: ClassVar[str] = "invoicing.view_credit_notes"

    def get(self, request: StaffRequest, credit_note_id: int) -> HttpResponse:
        """Send the file."""
        language = request.GET.get("language", "")
        if language not in {"", *dict(settings.LANGUAGES)}:
            raise Http404
        case = case_or_404(credit_note_id, language=language)
        return HttpResponse(
            render_credit_note(case=case, language=language or case.note.language),
            content_type="application/pdf",
            headers={"Content-Disposition": f'inline; filename="{case.note.number or credit_note_id}.pdf"'},
        )


class _TakeBackPage(FormPage):
    """A form that takes a bill back and leads to the credit note."""

    def initial(self, invoice_id: int) -> Mapping[str, Any]:
        """Refuse what is no bill."""
        bill_or_404(invoice_id)
        return {}

    def more(self, invoice_id: int) -> Mapping[str, Any]:
        """Name the bill, and lead back to it."""
        url = reverse("invoicing:invoice", args=[invoice_id])
        return {"back_url": url, "crumb": {"url": url, "label": bill_or_404(invoice_id).number}}

    def outcome(self, note: CreditNote) -> Outcome:
        """Say whether it counts already."""
        done, waits = __("The credit note is posted."), __("The credit note waits for a second person.")
        message = done if note.state == CreditNote.State.POSTED else waits
        return Outcome(url=address_of_credit_note(note.pk), message=message)


class ProposeCreditNote(_TakeBackPage):
    """Take lines of a bill back, whole or in part."""

    permission: ClassVar[str] = "invoicing.propose_credit_note"
    title = _("Correct a bill")
    form_class = CreditLinesForm
    submit_label = _("Take back")
    intro = _(
        "Type how much of each line is taken back, tax included. The bill stays as it is; a credit note says what is"
        " taken back. Above the limit a second person approves it."
    )

    def initial(self, invoice_id: int) -> Mapping[str, Any]:
        """Ask for every line of which something is left."""
        invoice = bill_or_404(invoice_id)
        lines = lines_left(invoice_id=invoice_id, language=reader_language())
        return {
            "lines": [
                (
                    line.n,
                    format_html(
                        "{} {} {} · {}",
                        code_html(f"L{line.n}"),
                        line.name,
                        phone_html(line.service) if line.service else "",
                        minor_html(line.left_minor, currency=invoice.currency),
                    ),
                    line.left_minor,
                )
                for line in lines
            ]
        }

    def perform(self, form: CreditLinesForm, invoice_id: int) -> Outcome:
        """Propose it."""
        note = propose_credit_note(
            invoice_id=invoice_id,
            parts=form.parts(),
            reason_id=form.cleaned_data["reason"].pk,
            letter=form.letter(),
            note=form.cleaned_data["note"],
            actor=self.request.user,
            at=clock.now(),
        )
        return self.outcome(note)


class CancelInvoice(_TakeBackPage):
    """Take a whole bill back; what it charged comes onto the next one."""

    permission: ClassVar[str] = "invoicing.cancel_invoice"
    title = _("Cancel a bill")
    form_class = TakeBackForm
    submit_label = _("Cancel the bill")
    intro = _(
        "A credit note takes the whole bill back. The bill stays readable; its calls, fees and other charges come onto"
        " the next bill, once. Above the limit a second person approves it."
    )

    def perform(self, form: TakeBackForm, invoice_id: int) -> Outcome:
        """Cancel it."""
        note = cancel_invoice(
            invoice_id=invoice_id,
            reason_id=form.cleaned_data["reason"].pk,
            letter=form.letter(),
            note=form.cleaned_data["note"],
            actor=self.request.user,
            at=clock.now(),
        )
        return self.outcome(note)


class ReplaceInvoice(_TakeBackPage):
    """Take a bill back and calculate it again; what would change is shown beside the form."""

    permission: ClassVar[str] = "invoicing.replace_invoice"
    template_name = "invoicing/replace_invoice.html"
    title = _("Calculate a bill again")
    form_class = TakeBackForm
    submit_label = _("Replace the bill")
    intro = _(
        "The old bill is taken back whole and stays readable; a new one is calculated for the same period with the"
        " plans, prices and discounts of today. Above the limit a second person approves it."
    )

    def more(self, invoice_id: int) -> Mapping[str, Any]:
        """Show before and after, or why there is no after."""
        language = reader_language()
        found: dict[str, Any] = {**super().more(invoice_id)}
        try:
            after = preview_replacement(
                invoice_id=invoice_id, actor=self.request.user, at=clock.now(), language=language
            )
        except BillingError as error:
            return {**found, "refusal": error}
        before = get_paper(invoice_id=invoice_id, language=language)
        return {**found, "comparison": compare_papers(before=before, after=after)}

    def perform(self, form: TakeBackForm, invoice_id: int) -> Outcome:
        """Replace it."""
        note = replace_invoice(
            invoice_id=invoice_id,
            reason_id=form.cleaned_data["reason"].pk,
            letter=form.letter(),
            note=form.cleaned_data["note"],
            actor=self.request.user,
            at=clock.now(),
        )
        return self.outcome(note)


class _Decision(ActionView):
    """A word about a credit note that waits."""

    def back_url(self, credit_note_id: int) -> str:
        """Return the credit note."""
        case_or_404(credit_note_id, language=reader_language())
        return address_of_credit_note(credit_note_id)


class ApproveCreditNote(_Decision):
    """Let it pass."""

    permission: ClassVar[str] = "invoicing.approve_credit_note"
    title = _("Approve a credit note")
    button = _("Approve")

    def question(self, credit_note_id: int) -> Text:
        """Say what will happen, with the amount."""
        note = case_or_404(credit_note_id, language=reader_language()).note
        amount = minor_html(note.credited_minor, currency=note.currency)
        words = __("{amount} is taken back of bill {bill}. This cannot be undone.")
        return format_html(words, amount=amount, bill=code_html(note.frozen["bill"]))

    def perform(self, credit_note_id: int) -> Outcome:
        """Approve it."""
        note = approve_credit_note(credit_note_id=credit_note_id, actor=self.request.user, at=clock.now())
        return Outcome(url=address_of_credit_note(note.pk), message=__("The credit note is posted."))


class DeclineCreditNote(_Decision):
    """Leave the bill as it is."""

    permission: ClassVar[str] = "invoicing.decline_credit_note"
    title = _("Decline a credit note")
    button = _("Decline")

    def question(self, credit_note_id: int) -> Text:
        """Say what will happen."""
        return __("The bill stays as it is. A dispute behind the credit note waits for another answer.")

    def perform(self, credit_note_id: int) -> Outcome:
        """Decline it."""
        note = decline_credit_note(credit_note_id=credit_note_id, actor=self.request.user, at=clock.now())
        return Outcome(url=address_of_credit_note(note.pk), message=__("The credit note is declined."))


class LetterList(ListPage[Letter]):
    """The letters that asked for corrections, by sender."""

    permission: ClassVar[str] = "invoicing.view_letters"
    title = _("Letters that asked for corrections")
    columns = (
        Column(label=_("Sender"), value="get_sender_display"),
        Column(label=_("Service centre"), value="centre.names", kind=Kind.NAME),
        Column(label=_("Subscriber"), value="account.subscriber.name"),
        Column(label=_("Number of the letter"), value="number", kind=Kind.CODE),
        Column(label=_("Day of the letter"), value="dated_on", kind=Kind.DATE),
        Column(label=_("Credit notes"), value="note_count", kind=Kind.NUM, total=True),
        Column(label=_("Taken back"), value="sum_minor", kind=Kind.MONEY, total=True),
        Column(label=_("Registered by"), value=lambda row: str(row.registered_by)),
    )
    order = ("sender", "-dated_on", "-id")
    is_wide = True
    filter_form = LetterFilter
    empty = _("No letter yet. A letter is registered with the first correction that answers it.")

    def rows(self, filters: Mapping[str, Any]) -> QuerySet[Letter]:
        """Return the letters of the filter."""
        return letters_for(
            sender=filters.get("sender") or "",
            number=filters.get("number") or "",
            centre_id=filters["centre"].pk if filters.get("centre") else None,
        )

    def row_href(self, row: Letter) -> str:
        """Show the credit notes that answer it."""
        return f"{reverse('invoicing:credit-notes')}?letter={row.pk}"


def case_or_404(credit_note_id: int, *, language: str) -> CreditCase:
    """Return a credit note with its lines in a language."""
    try:
        return get_credit_case(credit_note_id=credit_note_id, language=language)
    except CreditNote.DoesNotExist as error:
        raise Http404 from error
