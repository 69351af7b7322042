"""The operator's own words on bills: drafted beside a real account's bill, published by a second person."""

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.utils.translation import gettext_lazy as _

from billing_site.core import clock
from billing_site.core.own_texts import LANGUAGES, TextSlip
from billing_site.identity.http import StaffRequest
from billing_site.web.own_texts import (
    DiscardText,
    PublishText,
    TextDesk,
    TextPage,
    WriteText,
    wished_paper,
    words_initial,
)
from billing_site.web.tables import Column, Kind
from billing_site.web.views import ListPage, StaffPage
from invoicing.domain.bill_texts import NAMES, TextPlace, find_slips
from invoicing.forms.bill_texts import TEXT_PLACES, BillTextForm
from invoicing.models import BillText
from invoicing.operations.bill_texts import (
    discard_bill_text,
    draft_bill_text,
    edit_bill_text,
    publish_bill_text,
)
from invoicing.operations.invoice_papers import bill_context, make_pdf
from invoicing.queries.bill_text_previews import find_preview
from invoicing.queries.bill_texts import bill_texts, missing_languages
from subscribers.queries.words import CATEGORIES

DESK = TextDesk(
    app="invoicing", noun="bill_text", rows=bill_texts, publish=publish_bill_text, discard=discard_bill_text
)


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
        return DESK.url("view", row.pk)


class DraftBillText(WriteText[BillText]):
    """Write a text."""

    permission: ClassVar[str] = "invoicing.draft_bill_text"
    desk: ClassVar[TextDesk[Any]] = DESK
    title = _("Draft a text for the bills")
    form_class = BillTextForm
    intro = _(
        "What stands in braces is filled from the bill, for example {account}. Another person publishes the text."
    )

    def initial(self) -> Mapping[str, Any]:
        """Offer it from today on."""
        return {"from_on": clock.today()}

    def save(self, form: BillTextForm) -> BillText:
        """Draft it."""
        return draft_bill_text(**form.text(), actor=self.request.user)


class EditBillText(WriteText[BillText]):
    """Change a draft."""

    permission: ClassVar[str] = "invoicing.draft_bill_text"
    desk: ClassVar[TextDesk[Any]] = DESK
    title = _("Change a text of the bills")
    form_class = BillTextForm
    done = _("The text is changed.")

    def initial(self, text_id: int) -> Mapping[str, Any]:
        """Show it as it is."""
        text = DESK.find(text_id)
        return {
            "is_fixed": True,
            "from_on": text.from_on,
            "until_on": text.until_on,
            "cycle": text.cycle_id,
            "category": text.category,
            **words_initial(text=text.texts),
        }

    def save(self, form: BillTextForm, text_id: int) -> BillText:
        """Write it down."""
        return edit_bill_text(text_id=text_id, **form.text(), actor=self.request.user)


class BillTextPage(TextPage[BillText]):
    """A text and a real bill that carries it."""

    permission: ClassVar[str] = "invoicing.view_bill_texts"
    desk: ClassVar[TextDesk[Any]] = DESK
    template_name = "invoicing/bill_text_detail.html"

    def page_title(self, subject: BillText) -> str:
        """Name its place."""
        return str(TEXT_PLACES.get(subject.place, subject.place))

    def slips(self, subject: BillText) -> Iterable[TextSlip]:
        """Return what is wrong with it."""
        return find_slips(place=TextPlace(subject.place), texts=subject.texts)

    def paper(self, subject: BillText, *, account: str, language: str) -> Mapping[str, Any]:
        """Return the last bill of the account, where the reader may see bills."""
        may_see = self.request.user.may("invoicing.view_invoice")
        paper = find_preview(text_id=subject.pk, account_number=account, language=language) if may_see else None
        return {"names": NAMES, **(bill_context(paper=paper) if paper else {})}


class PreviewBillText(StaffPage):
    """The PDF of a real account's last bill, with the text as if it were published; nothing is kept."""

    permission: ClassVar[str] = "invoicing.view_bill_texts"

    def get(self, request: StaffRequest, text_id: int) -> HttpResponse:
        """Send the file."""
        account, language = wished_paper(request)
        if not request.user.may("invoicing.view_invoice"):
            raise Http404
        paper = find_preview(text_id=DESK.find(text_id).pk, account_number=account, language=language)
        if paper is None:
            raise Http404
        return HttpResponse(make_pdf(paper=paper), content_type="application/pdf")


class PublishBillText(PublishText):
    """The second person's button."""

    permission: ClassVar[str] = "invoicing.publish_bill_text"
    desk: ClassVar[TextDesk[Any]] = DESK
    meaning = _("Bills of the runs that are planned from now on carry it, and it never changes.")


class DiscardBillText(DiscardText):
    """Throw a draft away."""

    permission: ClassVar[str] = "invoicing.draft_bill_text"
    desk: ClassVar[TextDesk[Any]] = DESK
