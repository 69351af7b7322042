"""The intake: files by source and day, one file, its lines that are no records."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as __, gettext_lazy as _

from billing_site.core import clock
from billing_site.web.tables import Column, Kind
from billing_site.web.views import CURSOR, DetailPage, FormPage, ListPage, Outcome
from rating.forms import FileFilter, LineFilter, ReleaseForm
from rating.models import SetAsideLine, UsageFile
from rating.operations.usage_files import release_file
from rating.queries.intake import late_files, sequence_gaps, set_aside_lines, usage_files_for
from rating.queries.intake_hours import SHOWN_FILES
from rating.queries.open_runs import READY
from rating.queries.reasons import reason_label
from rating.views.sentences import expected_in, found_in, held_sentence, remedy_of
from rating.views.strips import strip_of_days, strip_of_hours


def address_of_file(file_id: int) -> str:
    """Return the address of a file."""
    return reverse("rating:usage-file", args=[file_id])


# Of a list of many files: in some of them a record is no line.
LINE: Column[SetAsideLine] = Column(label=_("Line or record"), value="line_number", kind=Kind.NUM)
CALL_COLUMNS: tuple[Column[SetAsideLine], ...] = (
    Column(label=_("Calling number"), value="calling", kind=Kind.CODE),
    Column(label=_("Called number"), value="called", kind=Kind.CODE),
    Column(label=_("Began"), value="start_at", kind=Kind.INSTANT),
    Column(label=_("Duration"), value="duration_seconds", kind=Kind.DURATION),
    Column(label=_("Found"), value=found_in, kind=Kind.CODE),
)
RAW: Column[SetAsideLine] = Column(label=_("As it came"), value="raw", kind=Kind.CODE)


class UsageFileList(ListPage[UsageFile]):
    """Files by source and day."""

    permission: ClassVar[str] = "rating.view_intake"
    title = _("Usage files")
    columns = (
        Column(label=_("File"), value="name", kind=Kind.CODE),
        Column(label=_("Source"), value="source.code", kind=Kind.CODE),
        Column(label=_("Day"), value="own_day", kind=Kind.DATE),
        Column(label=_("State"), value="state", kind=Kind.STATE),
        Column(label=_("Lines"), value="line_count", kind=Kind.NUM),
        Column(label=_("Rated"), value="rated_count", kind=Kind.NUM),
        Column(label=_("Duplicates"), value="duplicate_count", kind=Kind.NUM),
        Column(label=_("Quarantine"), value="quarantined_count", kind=Kind.NUM),
        Column(label=_("First call"), value="first_start_at", kind=Kind.INSTANT),
        Column(label=_("Last call"), value="last_start_at", kind=Kind.INSTANT),
    )
    order = ("-id",)
    filter_form = FileFilter
    template_name = "rating/usage_file_list.html"
    empty = _("No usage file yet. Load the first one, or let the command load_usage take them from a folder.")

    def rows(self, filters: Mapping[str, Any]) -> QuerySet[UsageFile]:
        """Return the files."""
        return usage_files_for(**{name: filters.get(name) or None for name in ("source", "day", "state")})

    def more(self, filters: Mapping[str, Any]) -> Mapping[str, Any]:
        """Add the strip of days above the list as it opens, and the holes of a chosen source's sequence."""
        source = filters.get("source")
        if source is not None:
            files = self.rows(filters)[:SHOWN_FILES]
            hours = strip_of_hours(files=list(files))
            return {"gaps": sequence_gaps(source=source), "source_id": source.pk, "hours": hours}
        is_start = not any(filters.values()) and CURSOR not in self.request.GET
        return _at_a_glance() if is_start else {}

    def row_href(self, row: UsageFile) -> str:
        """Open the file."""
        return address_of_file(row.pk)


def _at_a_glance() -> dict[str, Any]:
    """Return the strip of days, and the files that are late."""
    today, now = clock.today(), clock.now()
    late = late_files(today=today, now=now, zone=clock.operator_zone())
    return {"strip": strip_of_days(today=today, now=now), "late": late}


class UsageFilePage(DetailPage[UsageFile]):
    """One file: its totals, how its lines ended, why it is held."""

    permission: ClassVar[str] = "rating.view_intake"
    template_name = "rating/usage_file_detail.html"

    def subject(self, file_id: int) -> UsageFile:
        """Return the file."""
        found = (
            UsageFile.objects.select_related("source", "content", "released_by", "loaded_by").filter(pk=file_id).first()
        )
        if found is None:
            raise Http404
        return found

    def page_title(self, subject: UsageFile) -> str:
        """Name the file."""
        return subject.name

    def more(self, subject: UsageFile) -> Mapping[str, Any]:
        """Say what may be done."""
        return {
            "held": held_sentence(subject),
            "hours": strip_of_hours(files=[subject]),
            "may_release": subject.state == UsageFile.State.HELD
            and subject.held_reason != UsageFile.HeldReason.DOES_NOT_ADD_UP
            and self.request.user.has_perm("rating.release_file"),
            "is_ready": subject.state in READY,
            "is_own": subject.loaded_by_id == self.request.user.pk,
        }


class SetAsideList(ListPage[SetAsideLine]):
    """The lines of a file that are no records."""

    permission: ClassVar[str] = "rating.view_intake"
    title = _("Lines that are no records")
    is_wide = True
    columns: ClassVar[Sequence[Column[Any]]] = (
        Column(label=_("Line"), value="line_number", kind=Kind.NUM),
        Column(label=_("Outcome"), value="outcome", kind=Kind.STATE),
        Column(label=_("Reason"), value=lambda line: reason_label(line.reason)),
        *CALL_COLUMNS,
        Column(label=_("Expected"), value=expected_in),
        Column(label=_("What helps"), value=remedy_of),
        RAW,
    )
    order = ("file_id", "line_number")
    filter_form = LineFilter
    empty = _("Every line is a record.")

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Speak of records where the file has no lines."""
        file = UsageFile.objects.select_related("source").filter(pk=kwargs["file_id"]).first()
        if file is not None and file.source.counts_records and not isinstance(self, RecordsAside):
            return RecordsAside.as_view()(request, *args, **kwargs)
        return super().dispatch(request, *args, **kwargs)

    def rows(self, filters: Mapping[str, Any]) -> QuerySet[SetAsideLine]:
        """Return the lines."""
        chosen = {name: filters.get(name) or None for name in ("outcome", "reason", "calling")}
        return set_aside_lines(file_id=filters["file_id"], **chosen)

    def more(self, filters: Mapping[str, Any]) -> Mapping[str, Any]:
        """Lead back to the file."""
        file = UsageFile.objects.filter(pk=filters["file_id"]).first()
        if file is None:
            raise Http404
        return {"crumb": {"url": address_of_file(file.pk), "label": file.name}}


class RecordsAside(SetAsideList):
    """The records of a file without lines that are not rated."""

    title = _("Records that are not rated")
    columns = (Column(label=_("Record"), value="line_number", kind=Kind.NUM), *SetAsideList.columns[1:])
    empty = _("Every record is rated.")


class ReleaseFile(FormPage):
    """The second person lets a held file go on."""

    permission: ClassVar[str] = "rating.release_file"
    title = _("Release the file")
    form_class = ReleaseForm
    submit_label = _("Release")

    def perform(self, form: Any, file_id: int) -> Outcome:
        """Release it."""
        release_file(
            file_id=file_id, reason=form.cleaned_data["reason"], released_at=clock.now(), actor=self.request.user
        )
        return Outcome(url=reverse("rating:usage-file", args=[file_id]), message=__("The file will be rated."))
