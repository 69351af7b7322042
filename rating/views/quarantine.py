"""The quarantine as a work list: what waits, its lines, and taking them up again."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar
from urllib.parse import parse_qsl, urlencode

from django.db.models import F, QuerySet, Value
from django.db.models.functions import Concat, Left, Length
from django.http import HttpRequest, HttpResponseBase
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as __, gettext_lazy as _, ngettext

from billing_site.core import clock
from billing_site.documents.workbooks import CellValue
from billing_site.web.addresses import Holder
from billing_site.web.formatting import format_instant
from billing_site.web.tables import Column, Kind
from billing_site.web.views import CURSOR, EXPORT, FormPage, ListPage, Outcome
from billing_site.web.wrapping import current_language
from rating.forms import AssignForm, LineChoiceForm, QuarantineFilter, WaitingLineFilter
from rating.models import SetAsideLine
from rating.operations.recycling import recycle_lines
from rating.queries.quarantine import (
    LineChoice,
    QuarantineGroup,
    last_checked_at,
    quarantine_groups,
    quarantine_sums,
    waiting_lines,
)
from rating.queries.reasons import RELEASABLE, reason_label
from rating.views.sentences import found_in, remedy_of
from rating.views.usage_files import LINE, RAW, address_of_file
from subscribers.operations.subscriptions import activate_subscription

HIDDEN_DIGITS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkColumn(Column[SetAsideLine]):
    """A box to mark a line for an action; empty in a workbook."""

    def html(self, row: SetAsideLine, *, holder: Holder | None = None) -> SafeString:
        """Return the box, whoever looks: it leads nowhere."""
        key = f"{row.file_id}/{row.line_number}"
        label = __("Mark number %(line)s of %(file)s") % {"line": row.line_number, "file": self.raw(row)}
        return format_html('<input type="checkbox" name="line" value="{}" aria-label="{}">', key, label)

    def cell(self, row: SetAsideLine, *, language: str) -> CellValue:
        """Return nothing."""
        return None


def choice_of(values: Mapping[str, Any]) -> LineChoice:
    """Return the lines that a filter or an action's form means."""
    centre, source = values.get("centre"), values.get("source")
    return LineChoice(
        reason=values.get("reason") or "",
        calling="" if values.get("is_nameless") else values.get("calling") or None,
        centre_id=centre.pk if centre else None,
        source_id=source.pk if source else None,
        days_waiting=values.get("days_waiting"),
        lines=values.get("line") or (),
    )


def kept_query(request: HttpRequest, **more: str) -> str:
    """Return what was asked of a list, as the query of an action's address."""
    dropped = {CURSOR, EXPORT, *more}
    kept = [(key, value) for key, values in request.GET.lists() if key not in dropped for value in values if value]
    return urlencode([*kept, *more.items()])


class QuarantineList(ListPage[QuarantineGroup]):
    """What waits, by reason and number: of a centre's staff that of its own numbers."""

    permission: ClassVar[str] = "rating.view_quarantine"
    title = _("Quarantine")
    template_name = "rating/quarantine.html"
    is_wide = True
    columns = (
        Column(label=_("Reason"), value=lambda group: reason_label(group.reason)),
        Column(label=_("Calling number"), value="calling", kind=Kind.PHONE),
        Column(label=_("Lines"), value="line_count", kind=Kind.NUM, total=True),
        Column(label=_("Seconds"), value="duration_seconds", kind=Kind.NUM, total=True),
        Column(label=_("At stake"), value="estimate_micro", kind=Kind.MICRO, total=True),
        Column(label=_("Waits since"), value="waits_since", kind=Kind.INSTANT),
        Column(label=_("Exchange"), value=lambda group: ", ".join(group.source_codes), kind=Kind.CODE),
        Column(label=_("First call"), value="first_at", kind=Kind.INSTANT),
        Column(label=_("Last call"), value="last_at", kind=Kind.INSTANT),
        Column(label=_("Service centre"), value="centre_names", kind=Kind.NAME),
    )
    intro = _(
        "At stake is an estimate: what the calls cost without allowances by the plan that most lines of the number's"
        " range have, on the day of the call."
    )
    filter_form = QuarantineFilter
    empty = _("Nothing waits.")

    def rows(self, filters: Mapping[str, Any]) -> tuple[QuarantineGroup, ...]:
        """Return the groups."""
        return quarantine_groups(choice=choice_of(filters), viewer=self.request.user, now=clock.machine_now())

    def row_href(self, row: QuarantineGroup) -> str:
        """Open the group's lines."""
        number = {"calling": row.calling} if row.calling else {"calling": "", "is_nameless": "on"}
        query = kept_query(self.request, reason=row.reason, **number)
        return f"{reverse('rating:quarantine-lines', args=[row.reason])}?{query}"

    def more(self, filters: Mapping[str, Any]) -> Mapping[str, Any]:
        """Sum up what was asked for, say when it was last looked through, and keep the choice for the actions."""
        checked_at = last_checked_at()
        return {
            "sums": quarantine_sums(choice=choice_of(filters), viewer=self.request.user, now=clock.machine_now()),
            "checked": checked_at and format_instant(checked_at, language=current_language()),
            "chosen": kept_query(self.request),
        }


_LINE_COLUMNS: tuple[Column[SetAsideLine], ...] = (
    MarkColumn(label=_("Mark"), value="file_name"),
    Column(label=_("File"), value="file_name", kind=Kind.CODE),
    LINE,
    Column(label=_("Calling number"), value="calling", kind=Kind.PHONE),
    Column(label=_("Called number"), value="shown_called", kind=Kind.PHONE),
    Column(label=_("Began"), value="start_at", kind=Kind.INSTANT),
    Column(label=_("Duration"), value="duration_seconds", kind=Kind.DURATION),
    Column(label=_("Bytes"), value="volume_bytes", kind=Kind.NUM),
    Column(label=_("Waits since"), value="set_aside_at", kind=Kind.INSTANT),
    Column(label=_("At stake"), value="estimate_micro", kind=Kind.MICRO, total=True),
)


class QuarantineLines(ListPage[SetAsideLine]):
    """The lines of a group of the quarantine; the last digits of called numbers are hidden from who sees no calls."""

    permission: ClassVar[str] = "rating.view_quarantine"
    title = _("Quarantined lines")
    template_name = "rating/quarantine_lines.html"
    is_wide = True
    columns = _LINE_COLUMNS
    order = ("file_id", "line_number")
    filter_form = WaitingLineFilter
    empty = _("Nothing waits.")

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Show whole lines to who may see calls."""
        is_whole = isinstance(self, WholeQuarantineLines)
        if request.user.has_perm("rating.view_records") and not is_whole:
            return WholeQuarantineLines.as_view()(request, *args, **kwargs)
        return super().dispatch(request, *args, **kwargs)

    def rows(self, filters: Mapping[str, Any]) -> QuerySet[SetAsideLine]:
        """Return the lines."""
        lines = waiting_lines(choice=choice_of(filters), viewer=self.request.user, now=clock.machine_now())
        return self.shown(lines).order_by(*self.order)

    def shown(self, lines: QuerySet[SetAsideLine]) -> QuerySet[SetAsideLine]:
        """Hide the last digits of called numbers."""
        seen = Left("called", Length("called") - HIDDEN_DIGITS)
        return lines.annotate(shown_called=Concat(seen, Value("X" * HIDDEN_DIGITS)))

    def more(self, filters: Mapping[str, Any]) -> Mapping[str, Any]:
        """Name the reason, say once what helps, keep the choice for the actions, and lead back."""
        first = self.rows(filters).first()
        query = kept_query(self.request, reason=filters["reason"])
        return {
            "title": reason_label(filters["reason"]),
            "intro": remedy_of(first) if first is not None else "",
            "crumb": {"url": reverse("rating:quarantine"), "label": QuarantineList.title},
            "chosen": query,
            "kept": parse_qsl(query),
            "is_releasable": filters["reason"] in RELEASABLE,
            "is_ownerless": filters["reason"] == "NO_SUBSCRIBER" and bool(filters.get("calling")),
        }


class WholeQuarantineLines(QuarantineLines):
    """The lines as they came."""

    columns = (
        _LINE_COLUMNS[0],
        Column(label=_("File"), value="file_name", kind=Kind.CODE, href=lambda line: address_of_file(line.file_id)),
        *_LINE_COLUMNS[2:],
        Column(label=_("Found"), value=found_in, kind=Kind.CODE),
        RAW,
    )

    def shown(self, lines: QuerySet[SetAsideLine]) -> QuerySet[SetAsideLine]:
        """Show called numbers whole."""
        return lines.annotate(shown_called=F("called"))


class ChoicePage(FormPage):
    """An action for the lines that a list showed, or that were marked there: first shows what they come to."""

    template_name = "rating/line_choice.html"
    form_class: ClassVar[type[LineChoiceForm]] = LineChoiceForm

    def initial(self, **_ids: Any) -> Mapping[str, Any]:
        """Keep the choice."""
        names = self.form_class.base_fields.keys() - {"line"}
        chosen = {name: self.request.GET[name] for name in names if name in self.request.GET}
        return {**chosen, "line": self.request.GET.getlist("line")}

    def more(self, **_ids: Any) -> Mapping[str, Any]:
        """Say how many lines are chosen, and what they come to."""
        asked = self.form_class(self.request.POST or self.request.GET)
        asked.is_valid()
        choice = choice_of(asked.cleaned_data)
        back = kept_query(self.request, line="").removesuffix("line=").rstrip("&")
        return {
            "sums": quarantine_sums(choice=choice, viewer=self.request.user, now=clock.machine_now()),
            "reason_label": reason_label(choice.reason) if choice.reason else "",
            "back_url": f"{reverse('rating:quarantine')}?{back}",
        }


class RecycleLines(ChoicePage):
    """Take chosen lines up again."""

    permission: ClassVar[str] = "rating.recycle_lines"
    title = _("Take lines up again")
    submit_label = _("Take up again")
    intro = _(
        "The lines are read, matched and priced again, at the prices of the day of each call. What still cannot be"
        " rated stays in quarantine."
    )

    def perform(self, form: Any, **_ids: Any) -> Outcome:
        """Start it; where the person may see jobs, show this one."""
        user = self.request.user
        job = recycle_lines(choice=choice_of(form.cleaned_data), actor=user, now=clock.machine_now())
        is_seen = user.has_perm("console.view_jobs")
        url = reverse("console:job", args=[job.pk]) if is_seen else reverse("rating:quarantine")
        message = ngettext(
            "%(count)s line is being taken up again.", "%(count)s lines are being taken up again.", job.total_units
        )
        return Outcome(url=url, message=message % {"count": job.total_units})


class AssignWaitingNumber(FormPage):
    """Give an account a line with a number that made calls, from a day on: these then rate by themselves."""

    permission: ClassVar[str] = "subscribers.activate_subscription"
    title = _("Enter the subscriber of a number")
    form_class = AssignForm
    submit_label = _("Enter the subscriber")
    intro = _(
        "The account gets a line with this number. Within a minute its waiting calls since that day are rated, at the"
        " prices of the day of each call."
    )

    def initial(self, **_ids: Any) -> Mapping[str, Any]:
        """Propose the number, from the day of its first waiting call on."""
        number = self.request.GET.get("calling", "")
        choice = LineChoice(reason="NO_SUBSCRIBER", calling=number)
        first = waiting_lines(choice=choice, viewer=self.request.user).order_by("start_at").first()
        on = first.start_at.astimezone(clock.operator_zone()).date() if first and first.start_at else clock.today()
        return {"number": number, "active_from": on}

    def perform(self, form: Any, **_ids: Any) -> Outcome:
        """Enter it."""
        values = form.cleaned_data
        activate_subscription(
            account_id=values["account"].pk,
            plan_id=values["plan"].pk,
            active_from=values["active_from"],
            number=values["number"],
            at=clock.now(),
            actor=self.request.user,
        )
        url = f"{reverse('rating:quarantine')}?{urlencode({'calling': values['number']})}"
        message = __("The line is there. Its waiting calls are rated within a minute.")
        if values["active_from"] < values["account"].cycle.open_from:
            message = __(
                "The line is there. Its waiting calls are rated within a minute. It begins in a period that is billed:"
                " what the plan costs for those days, and its price of activation, are on no bill unless you enter a"
                " charge."
            )
        return Outcome(url=url, message=message)
