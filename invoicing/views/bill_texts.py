"""The operator's own words on bills: drafted beside a real account's bill, published by a second person."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django.conf import settings
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils.translation import get_language, gettext as __, gettext_lazy as _

from billing_site.core import clock
from billing_site.core.digits import clean_number_input
from billing_site.core.own_texts import LANGUAGES
from billing_site.identity.http import StaffRequest
from billing_site.web.tables import Column, Kind
from billing_site.web.views import ActionView, DetailPage, FormPage, ListPage, Outcome, StaffPage
from invoicing.domain.bill_texts import NAMES, TextPlace, find_slips
from invoicing.forms.bill_texts import TEXT_PLACES, BillTextForm, text_field
from invoicing.models import BillText
from invoicing.operations.bill_texts import (
    BillTextUnsound,
    discard_bill_text,
    draft_bill_text,
    edit_bill_text,
    publish_bill_text,
)
from invoicing.operations.invoice_papers import bill_context, make_pdf
from invoicing.queries.bill_text_previews import find_preview
from invoicing.queries.bill_texts import bill_texts, missing_languages
from subscribers.queries.words import CATEGORIES

ACCOUNT, LANGUAGE = "account", "language"


class BillTextList(ListPage[BillText]):
    """Every text, the newest first."""

    permission: ClassVar[str] = "invoicing.view_bill_texts"
    template_name = "invoicing/bill_text_list.html"
    title = _("Words on the bills")
    order = ("-pk",)
    empty = _("No text of the operator's own yet: bills carry the words that come with the system.")
    columns = (
        Column(label=_("Place on the bill"), value=lambda row: TEXT_PLACES.get(row.place, row.place)),
        Column(label=_("Text"), value="texts", kind=Kind.NAME),
        Column(label=_("State"), value="state", kind=Kind.STATE),
        Column(label=_("On bills issued from"), value="from_on", kind=Kind.DATE),
        Column(label=_("First day of issue without it"), value="until_on", kind=Kind.DATE),
        Column(label=_("Cycle"), value="cycle.code", kind=Kind.CODE),
        Column(label=_("Customer category"), value=lambda row: CATEGORIES.get(row.category, "")),
        Column(
            label=_("Missing languages"),
            value=lambda row: " ".join(missing_languages(row.texts, LANGUAGES)),
            kind=Kind.CODE,
        ),
    )

    def rows(self, filters: Mapping[str, Any]) -> QuerySet[BillText]:
        """Return them."""
        return bill_texts()

    def row_href(self, row: BillText) -> str:
        """Open the text beside a bill."""
        return reverse("invoicing:view-bill-text", args=[row.pk])


class DraftBillText(FormPage):
    """Write a text."""

    permission: ClassVar[str] = "invoicing.draft_bill_text"
    title = _("Draft a text for the bills")
    form_class = BillTextForm
    submit_label = _("Save as draft")
    intro = _(
        "What stands in braces is filled from the bill, for example {account}. Another person publishes the text."
    )

    def initial(self) -> Mapping[str, Any]:
        """Offer it from today on."""
        return {"from_on": clock.today()}

    def more(self) -> Mapping[str, Any]:
        """Lead back."""
        return {"back_url": reverse("invoicing:view-bill-texts")}

    def perform(self, form: BillTextForm) -> Outcome:
        """Draft it."""
        text = draft_bill_text(**form.text(), actor=self.request.user)
        return Outcome(url=reverse("invoicing:view-bill-text", args=[text.pk]), message=__("The text is drafted."))


class EditBillText(FormPage):
    """Change a draft."""

    permission: ClassVar[str] = "invoicing.draft_bill_text"
    title = _("Change a text of the bills")
    form_class = BillTextForm
    submit_label = _("Save as draft")

    def initial(self, text_id: int) -> Mapping[str, Any]:
        """Show it as it is."""
        text = _get_text(text_id)
        return {
            "is_fixed": True,
            "from_on": text.from_on,
            "until_on": text.until_on,
            "cycle": text.cycle_id,
            "category": text.category,
            **{text_field(language): text.texts.get(language, "") for language in LANGUAGES},
        }

    def more(self, text_id: int) -> Mapping[str, Any]:
        """Lead back."""
        return {"back_url": reverse("invoicing:view-bill-text", args=[text_id])}

    def perform(self, form: BillTextForm, text_id: int) -> Outcome:
        """Write it down."""
        edit_bill_text(text_id=text_id, **form.text(), actor=self.request.user)
        return Outcome(url=reverse("invoicing:view-bill-text", args=[text_id]), message=__("The text is changed."))


class BillTextPage(DetailPage[BillText]):
    """A text in its five languages, what is wrong with it, and a real bill that carries it."""

    permission: ClassVar[str] = "invoicing.view_bill_texts"
    template_name = "invoicing/bill_text_detail.html"

    def subject(self, text_id: int) -> BillText:
        """Return the text."""
        return _get_text(text_id)

    def page_title(self, subject: BillText) -> str:
        """Name its place."""
        return str(TEXT_PLACES.get(subject.place, subject.place))

    def more(self, subject: BillText) -> Mapping[str, Any]:
        """Return the languages side by side, the slips, and the bill of the account that was named."""
        names = dict(settings.LANGUAGES)
        slips = find_slips(place=TextPlace(subject.place), texts=subject.texts)
        may_see = self.request.user.may("invoicing.view_invoice")
        account, language = _wished(self.request)
        paper = find_preview(text_id=subject.pk, account_number=account, language=language) if may_see else None
        return {
            "languages": [(code, names[code], subject.texts.get(code, "")) for code in LANGUAGES],
            "slips": [BillTextUnsound(slip) for slip in slips],
            "names": NAMES,
            "may_edit": subject.is_draft and self.request.user.may("invoicing.draft_bill_text"),
            "may_publish": subject.is_draft and not slips and self.request.user.may("invoicing.publish_bill_text"),
            "account": account,
            "language": language,
            **(bill_context(paper=paper) if paper else {}),
        }


class PreviewBillText(StaffPage):
    """The PDF of a real account's last bill, with the text as if it were published; nothing is kept."""

    permission: ClassVar[str] = "invoicing.view_bill_texts"

    def get(self, request: StaffRequest, text_id: int) -> HttpResponse:
        """Send the file."""
        account, language = _wished(request)
        if not request.user.may("invoicing.view_invoice"):
            raise Http404
        paper = find_preview(text_id=_get_text(text_id).pk, account_number=account, language=language)
        if paper is None:
            raise Http404
        return HttpResponse(make_pdf(paper=paper), content_type="application/pdf")


class PublishBillText(ActionView):
    """The second person's button."""

    permission: ClassVar[str] = "invoicing.publish_bill_text"
    title = _("Publish the text")
    button = _("Publish")

    def question(self, text_id: int) -> str:
        """Say what it means."""
        return __("Bills of the runs that are planned from now on carry it, and it never changes.")

    def back_url(self, text_id: int) -> str:
        """Return the page of the text."""
        return reverse("invoicing:view-bill-text", args=[text_id])

    def perform(self, text_id: int) -> Outcome:
        """Publish."""
        publish_bill_text(text_id=text_id, published_at=clock.now(), actor=self.request.user)
        return Outcome(url=self.back_url(text_id), message=__("The text is published."))


class DiscardBillText(ActionView):
    """Throw a draft away."""

    permission: ClassVar[str] = "invoicing.draft_bill_text"
    title = _("Throw the text away")
    button = _("Throw away")
    is_dangerous = True

    def question(self, text_id: int) -> str:
        """Say what it means."""
        return __("The draft is gone then; published texts stay.")

    def back_url(self, text_id: int) -> str:
        """Return the page of the text."""
        return reverse("invoicing:view-bill-text", args=[text_id])

    def perform(self, text_id: int) -> Outcome:
        """Throw it away."""
        discard_bill_text(text_id=text_id, actor=self.request.user)
        return Outcome(url=reverse("invoicing:view-bill-texts"), message=__("The draft is thrown away."))


def _get_text(text_id: int) -> BillText:
    text = bill_texts().filter(pk=text_id).first()
    if text is None:
        raise Http404
    return text


def _wished(request: StaffRequest) -> tuple[str, str]:
    """Return the account and the language of the bill that is looked at; the reader's own where none is named."""
    language = request.GET.get(LANGUAGE, "")
    known = language if language in dict(settings.LANGUAGES) else get_language() or settings.LANGUAGE_CODE
    return clean_number_input(request.GET.get(ACCOUNT, "")), known
