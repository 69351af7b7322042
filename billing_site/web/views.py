"""
Pages as classes: a list, a detail, a form, an action.

An app's view names its verb, its query and its operation; the rest is here. The hooks take the ids of the address; a
subclass names them (``def subject(self, invoice_id: int) -> Invoice``).

Every page is closed: a person must be signed in and hold the verb. A GET makes one query, a POST one operation.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Generic, TypeVar
from urllib.parse import urlencode
from uuid import UUID, uuid4

from django import forms
from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.translation import gettext as _, gettext_lazy
from django.views import View

from billing_site.core import clock
from billing_site.core.errors import BillingError
from billing_site.identity.http import StaffRequest
from billing_site.web.exports import PAGE_ROWS, criteria_facts, list_workbook
from billing_site.web.forms import hide_card_numbers
from billing_site.web.paging import PAGE_SIZE, Page, keyset_page, sequence_page
from billing_site.web.refusals import refusal_html
from billing_site.web.submissions import claim_submission, finish_submission, release_submission
from billing_site.web.tables import Column, Table, TableCell

Row = TypeVar("Row")
Subject = TypeVar("Subject")
Text = str | Promise
ANY_STAFF = ""
CURSOR = "at"
EXPORT = "export"
SUBMISSION_KEY = "submission_key"
UNPROCESSABLE = 422
UNDO_LINE = '{} <a class="button" role="button" href="{}" hx-post="{}" hx-swap="none">{}</a>'


class StaffPage(View):
    """A page for staff who hold ``permission``: a verb such as ``invoicing.post_invoice``, or ``ANY_STAFF``."""

    request: StaffRequest
    permission: ClassVar[str]
    title: ClassVar[Text] = ""
    template_name: ClassVar[str] = ""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Let in who may enter."""
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        if self.permission != ANY_STAFF and not request.user.has_perm(self.permission):
            raise PermissionDenied(self.permission)
        return super().dispatch(request, *args, **kwargs)

    def show(self, context: Mapping[str, Any], *, status: int = 200) -> HttpResponse:
        """Render the page's template."""
        return render(self.request, self.template_name, {"title": self.title, **context}, status=status)


class ListPage(StaffPage, Generic[Row]):
    """
    A list with filters, pages by key, and the same list as a workbook.

    ``order`` must end in a unique column; see ``web.paging``. The template may be replaced by one that extends it.
    """

    template_name = "components/list_page.html"
    columns: ClassVar[Sequence[Column[Any]]]
    order: ClassVar[Sequence[str]] = ("-id",)
    page_size: ClassVar[int] = PAGE_SIZE
    filter_form: ClassVar[type[forms.Form] | None] = None
    empty: ClassVar[Text] = gettext_lazy("Nothing here yet.")
    intro: ClassVar[Text] = ""
    # A table wider than a screen scrolls in a box of its own; its heads then do not stay in sight.
    is_wide: ClassVar[bool] = False
    workbook_limit: ClassVar[int] = PAGE_ROWS

    def rows(self, filters: Mapping[str, Any]) -> "QuerySet[Any, Row] | Sequence[Row]":
        """Return the rows, by one query. ``filters`` are the filter form's cleaned values and the address's ids."""
        raise NotImplementedError

    def row_href(self, row: Row) -> str:
        """Return where Enter on a row leads."""
        return ""

    def foot(self) -> Sequence[TableCell]:
        """Return the line of totals, if the list has one: as many cells as columns."""
        return ()

    def more(self, filters: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return what the page's own template needs besides."""
        return {}

    def get(self, request: StaffRequest, **ids: Any) -> HttpResponseBase:
        """Show one page, or the whole list as a workbook."""
        form = self._filter_form(request)
        is_usable = form is None or not form.is_bound or form.is_valid()
        filters = {**self._filter_values(form), **ids}
        rows: QuerySet[Any, Row] | Sequence[Row] = self.rows(filters) if is_usable else ()
        if EXPORT in request.GET and is_usable:
            return self._export(form, rows)
        page = self._page(rows, request.GET.get(CURSOR, ""))
        caption = str(self.title)
        table = Table(
            columns=self.columns,
            rows=page.rows,
            caption=caption,
            empty=self.empty,
            row_href=self.row_href,
            foot=self.foot(),
        )
        context = {
            "table": table,
            "page": page,
            "intro": self.intro,
            "is_wide": self.is_wide,
            "filter_form": form,
            "is_filtered": bool(form and form.is_bound),
            "next_url": self._address({CURSOR: page.next_cursor}) if page.next_cursor else "",
            "previous_url": self._address({CURSOR: page.previous_cursor}) if page.previous_cursor else "",
            "workbook_url": self._address({EXPORT: "xlsx"}) if page.rows else "",
        }
        return self.show({**context, **self.more(filters)}, status=200 if is_usable else UNPROCESSABLE)

    def _filter_form(self, request: StaffRequest) -> forms.Form | None:
        if self.filter_form is None:
            return None
        is_asked = any(name in request.GET for name in self.filter_form.base_fields)
        return self.filter_form(request.GET if is_asked else None)

    def _filter_values(self, form: forms.Form | None) -> dict[str, Any]:
        if form is None:
            return {}
        if form.is_bound:
            return dict(form.cleaned_data)
        return {name: form.get_initial_for_field(field, name) for name, field in form.fields.items()}

    def _page(self, rows: "QuerySet[Any, Row] | Sequence[Row]", cursor: str) -> Page[Row]:
        if isinstance(rows, QuerySet):
            return keyset_page(rows, order=self.order, cursor=cursor, size=self.page_size)
        return sequence_page(rows, cursor=cursor, size=self.page_size)

    def _export(self, form: forms.Form | None, rows: "QuerySet[Any, Row] | Sequence[Row]") -> HttpResponseBase:
        address = self.request.build_absolute_uri(self._address({}))
        ordered = rows.order_by(*self.order) if isinstance(rows, QuerySet) else rows
        facts = criteria_facts(
            title=str(self.title), form=form, person=str(self.request.user), at=clock.now(), address=address
        )
        try:
            return list_workbook(
                title=str(self.title), columns=self.columns, rows=ordered, facts=facts, limit=self.workbook_limit
            )
        except BillingError as error:
            messages.error(self.request, refusal_html(error))
            return redirect(self._address({}))

    def _address(self, changes: Mapping[str, str]) -> str:
        """Return this list's address: the filter stays, the place and the export are as given."""
        kept = [
            (key, value) for key, values in self.request.GET.lists() if key not in {CURSOR, EXPORT} for value in values
        ]
        query = urlencode([*kept, *changes.items()])
        return f"{self.request.path}?{query}" if query else self.request.path


class DetailPage(StaffPage, Generic[Subject]):
    """One thing, from one query. Also serves the panels that a page loads by itself."""

    def subject(self, *_: Any, **ids: Any) -> Subject:
        """Return the thing, or raise ``Http404``."""
        raise NotImplementedError

    def page_title(self, subject: Subject) -> Text:
        """Return the title of the page."""
        return self.title

    def more(self, subject: Subject) -> Mapping[str, Any]:
        """Return what the template needs besides ``subject``."""
        return {}

    def get(self, request: StaffRequest, **ids: Any) -> HttpResponseBase:
        """Show it."""
        subject = self.subject(**ids)
        return self.show({"subject": subject, "title": self.page_title(subject), **self.more(subject)})


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What an operation led to: where to go, what to say, and the action that takes it back for a few seconds."""

    url: str
    message: Text = ""
    undo_url: str = ""


class SubmittingPage(StaffPage):
    """A page that carries out one operation, once for each form sent."""

    def carry_out(self, perform: Callable[[], Outcome]) -> HttpResponseBase:
        """
        Call the operation unless this very form was sent before; then show the first result.

        :raises BillingError: what the operation refused; nothing was done
        """
        key = self._key()
        action = self.permission or type(self).__name__
        submission, is_ours = claim_submission(key=key, user=self.request.user, action=action, now=clock.now())
        if submission.user_id != self.request.user.pk:
            raise PermissionDenied(self.permission)
        if not is_ours:
            return self._seen_before(submission.result_url)
        try:
            outcome = perform()
        except BaseException:
            release_submission(key=key)
            raise
        finish_submission(key=key, result_url=outcome.url)
        self._announce(outcome)
        return redirect(outcome.url)

    def _announce(self, outcome: Outcome) -> None:
        """Say what was done, with a way back where there is one."""
        if outcome.undo_url:
            text = format_html(UNDO_LINE, outcome.message, outcome.undo_url, outcome.undo_url, _("Undo"))
            messages.success(self.request, text, extra_tags="undo")
        elif outcome.message:
            messages.success(self.request, str(outcome.message))

    def _key(self) -> UUID:
        try:
            return UUID(self.request.POST.get(SUBMISSION_KEY, ""))
        except ValueError:
            return uuid4()

    def _seen_before(self, result_url: str) -> HttpResponseBase:
        if result_url:
            messages.info(self.request, _("This was already done; here is the result."))
            return redirect(result_url)
        messages.warning(self.request, _("This is being done already. Wait a moment and look again."))
        return redirect(self.request.get_full_path())


class FormPage(SubmittingPage):
    """A form and its operation. A refusal brings the form back as it was filled, with the reason on top."""

    template_name = "components/form_page.html"
    form_class: ClassVar[type[forms.Form]]
    submit_label: ClassVar[Text] = gettext_lazy("Save")
    intro: ClassVar[Text] = ""

    def initial(self, *_: Any, **ids: Any) -> Mapping[str, Any]:
        """Return what is known beforehand."""
        return {}

    def perform(self, form: Any, *_: Any, **ids: Any) -> Outcome:
        """Call the operation with the cleaned values."""
        raise NotImplementedError

    def more(self, *_: Any, **ids: Any) -> Mapping[str, Any]:
        """Return what the template needs besides the form."""
        return {}

    def get(self, request: StaffRequest, **ids: Any) -> HttpResponseBase:
        """Show the form."""
        return self._show_form(self.form_class(initial=dict(self.initial(**ids))), ids)

    def post(self, request: StaffRequest, **ids: Any) -> HttpResponseBase:
        """Carry it out, or bring it back."""
        form = self.form_class(request.POST, request.FILES, initial=dict(self.initial(**ids)))
        if form.is_valid():
            hide_card_numbers(form)
            try:
                return self.carry_out(lambda: self.perform(form, **ids))
            except BillingError as error:
                form.add_error(None, refusal_html(error))
        return self._show_form(form, ids, status=UNPROCESSABLE)

    def _show_form(self, form: forms.Form, ids: Mapping[str, Any], *, status: int = 200) -> HttpResponse:
        context = {"form": form, "submit_label": self.submit_label, "intro": self.intro, SUBMISSION_KEY: uuid4()}
        return self.show({**context, **self.more(**ids)}, status=status)


class ActionView(SubmittingPage):
    """
    A button and its operation. POST does it; GET asks once, in words, so that the address works without script.

    A refusal is said on the page the person came from.
    """

    template_name = "components/confirm_page.html"
    button: ClassVar[Text] = gettext_lazy("Confirm")
    is_dangerous: ClassVar[bool] = False

    def perform(self, *_: Any, **ids: Any) -> Outcome:
        """Call the operation."""
        raise NotImplementedError

    def back_url(self, *_: Any, **ids: Any) -> str:
        """Return the page of the thing that the action is about."""
        raise NotImplementedError

    def question(self, *_: Any, **ids: Any) -> Text:
        """Say what will happen, with the amount."""
        return self.title

    def get(self, request: StaffRequest, **ids: Any) -> HttpResponseBase:
        """Ask."""
        context = {
            "question": self.question(**ids),
            "button": self.button,
            "is_dangerous": self.is_dangerous,
            "back_url": self.back_url(**ids),
            SUBMISSION_KEY: uuid4(),
        }
        return self.show(context)

    def post(self, request: StaffRequest, **ids: Any) -> HttpResponseBase:
        """Do it."""
        try:
            return self.carry_out(lambda: self.perform(**ids))
        except BillingError as error:
            messages.error(request, refusal_html(error))
            return redirect(self.back_url(**ids))
