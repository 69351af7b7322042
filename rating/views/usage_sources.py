"""Sources of usage: how their files look, tried on a file before it is used; and holes in their sequences."""

from collections.abc import Mapping
from typing import Any, ClassVar, cast

from django import forms
from django.db.models import QuerySet
from django.http import Http404, HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as __, gettext_lazy as _, ngettext

from billing_site.audit.models import AuditEntry
from billing_site.core import clock
from billing_site.core.errors import BillingError
from billing_site.identity.http import StaffRequest
from billing_site.web.refusals import refusal_html
from billing_site.web.tables import Column, Kind, Table
from billing_site.web.views import UNPROCESSABLE, DetailPage, FormPage, ListPage, Outcome
from rating.domain.cdr_formats.dialects import BY_RECORD
from rating.forms.sources import GapForm, NewUsageSourceForm, UsageSourceForm, source_fields
from rating.models import UsageSource
from rating.operations.arriving_bytes import arriving_blocks
from rating.operations.sequence_gaps import explain_gap
from rating.operations.usage_sources import create_usage_source, edit_usage_source
from rating.queries.intake import sequence_gaps
from rating.queries.reasons import reason_label
from rating.queries.source_trials import SourceTrial, TrialRecord, source_history, try_source
from rating.queries.sources import declared_form
from rating.views.sentences import fault_sentence

MAX_TRIED_BYTES = 8 << 20
# What has a line of its own on the page of a source.
SHOWN_APART = frozenset({"name", "dialect", "day_tolerance", "breaker_percent"})
RECORD_COLUMNS: tuple[Column[TrialRecord], ...] = (
    Column(label=_("Record"), value="call.line_no", kind=Kind.NUM),
    Column(label=_("Calling number"), value="calling", kind=Kind.PHONE),
    Column(label=_("Called number"), value="called", kind=Kind.CODE),
    Column(label=_("Began"), value="call.started_at", kind=Kind.INSTANT),
    Column(label=_("Duration"), value="call.duration_seconds", kind=Kind.DURATION),
    Column(label=_("Kind of usage"), value="call.service.value", kind=Kind.CODE),
    Column(label=_("Bytes"), value="call.volume_bytes", kind=Kind.NUM),
    Column(label=_("Charge of a third party"), value="call.third_party_micro", kind=Kind.MICRO),
    Column(label=_("Id of the call"), value="call.call_ref", kind=Kind.CODE),
)
OUTCOME_COLUMNS: tuple[Column[tuple[str, int]], ...] = (
    Column(label=_("Outcome"), value=lambda row: _("Can be read") if row[0] == "READ" else reason_label(row[0])),
    Column(label=_("Records"), value=lambda row: row[1], kind=Kind.NUM),
)
HISTORY_COLUMNS: tuple[Column[AuditEntry], ...] = (
    Column(label=_("When"), value="at", kind=Kind.INSTANT),
    Column(label=_("Who"), value="actor_name"),
    Column(
        label=_("What was changed"), value=lambda entry: ", ".join(sorted(entry.changes.get("after", entry.changes)))
    ),
)


def _changed(entry: AuditEntry) -> Mapping[str, Any]:
    """Return what is after a change, by name."""
    after: Mapping[str, Any] = entry.changes.get("after", entry.changes)
    return after


def _declared(source: UsageSource) -> list[tuple[str, str]]:
    """Return what a source declares, by the labels of its form; what it does not declare is left out."""
    values = source_fields(source)
    form = UsageSourceForm(initial=values)
    shown = [bound for bound in form.visible_fields() if values.get(bound.name) not in (None, "", False)]
    return [(str(bound.label), _words(bound, values[bound.name])) for bound in shown if bound.name not in SHOWN_APART]


def _words(bound: forms.BoundField, value: object) -> str:
    if value is True:
        return __("yes")
    field = bound.field
    if not isinstance(field, forms.ChoiceField):
        return str(value)
    labels = dict(cast("Any", field.choices))
    return str(labels.get(value, value))


def find_source(source_id: int) -> UsageSource:
    """Return a source, or answer that there is none."""
    found = UsageSource.objects.filter(pk=source_id).first()
    if found is None:
        raise Http404
    return found


class UsageSourceList(ListPage[UsageSource]):
    """Where usage comes from."""

    permission: ClassVar[str] = "rating.view_intake"
    title = _("Sources of usage")
    template_name = "rating/usage_source_list.html"
    columns = (
        Column(label=_("Code"), value="code", kind=Kind.CODE),
        Column(label=_("Name"), value="name"),
        Column(label=_("Form of the files"), value="get_dialect_display"),
        Column(label=_("Time zone of the exchange"), value="time_zone", kind=Kind.CODE),
        Column(label=_("In use"), value=lambda source: _("yes") if source.is_active else _("no")),
    )
    order = ("code",)
    empty = _("No source yet. Add one and try it on a file.")

    def rows(self, filters: Mapping[str, Any]) -> QuerySet[UsageSource]:
        """Return the sources."""
        return UsageSource.objects.all()

    def row_href(self, row: UsageSource) -> str:
        """Open the source."""
        return reverse("rating:usage-source", args=[row.pk])


class UsageSourcePage(DetailPage[UsageSource]):
    """One source: what it declares, what never came, and who changed what."""

    permission: ClassVar[str] = "rating.view_intake"
    template_name = "rating/usage_source_detail.html"

    def subject(self, source_id: int) -> UsageSource:
        """Return the source."""
        return find_source(source_id)

    def page_title(self, subject: UsageSource) -> str:
        """Name the source."""
        return subject.code

    def more(self, subject: UsageSource) -> Mapping[str, Any]:
        """Add its gaps and its history."""
        history = Table(columns=HISTORY_COLUMNS, rows=source_history(source=subject), caption=_("Changes"))
        return {
            "gaps": sequence_gaps(source=subject),
            "history": history,
            "declared": _declared(subject),
        }


class _SourcePage(FormPage):
    """A form of a source that can be tried on a file before it is saved."""

    template_name = "rating/edit_usage_source.html"
    form_class: ClassVar[type[forms.Form]] = UsageSourceForm
    trial: SourceTrial | None = None
    dialect = ""

    def code(self, form: UsageSourceForm, **ids: Any) -> str:
        """Return the code of the source that is meant."""
        raise NotImplementedError

    def post(self, request: StaffRequest, **ids: Any) -> HttpResponseBase:
        """Try it, if that was asked; else save it."""
        if "try" not in request.POST:
            return super().post(request, **ids)
        form = self.form_class(request.POST, request.FILES, initial=dict(self.initial(**ids)))
        assert isinstance(form, UsageSourceForm)
        if form.is_valid():
            try:
                self.dialect = form.cleaned_data["dialect"]
                self.trial = _tried(form, code=self.code(form, **ids))
            except BillingError as error:
                form.add_error(None, refusal_html(error))
        return self._show_form(form, ids, status=200 if self.trial else UNPROCESSABLE)

    def more(self, **ids: Any) -> Mapping[str, Any]:
        """Show what the form made of the file."""
        trial = self.trial
        if trial is None:
            return {}
        is_record = self.dialect in BY_RECORD
        faults = [fault_sentence(fault, counts_records=is_record) for fault in trial.faults]
        return {
            "trial": trial,
            "records": Table(columns=RECORD_COLUMNS, rows=trial.records, caption=_("The first records")),
            "outcomes": Table(columns=OUTCOME_COLUMNS, rows=trial.outcomes.most_common(), caption=_("Outcomes")),
            "faults": faults,
        }


class CreateUsageSource(_SourcePage):
    """A new source."""

    permission: ClassVar[str] = "rating.create_usage_source"
    title = _("Add a source of usage")
    form_class = NewUsageSourceForm

    def initial(self) -> Mapping[str, Any]:
        """Offer the operator's own zone."""
        return {"time_zone": str(clock.operator_zone())}

    def code(self, form: UsageSourceForm, **ids: Any) -> str:
        """Return what was typed."""
        return str(form.cleaned_data["code"])

    def perform(self, form: UsageSourceForm) -> Outcome:
        """Add it."""
        source = create_usage_source(code=form.cleaned_data["code"], values=form.values(), actor=self.request.user)
        return Outcome(url=reverse("rating:usage-source", args=[source.pk]), message=__("The source was added."))


class EditUsageSource(_SourcePage):
    """How the files of a source are read from now on."""

    permission: ClassVar[str] = "rating.edit_usage_source"
    title = _("Change the source of usage")

    def initial(self, source_id: int) -> Mapping[str, Any]:
        """Return what it declares now."""
        return source_fields(find_source(source_id))

    def code(self, form: UsageSourceForm, **ids: Any) -> str:
        """Return that of the source, which stays."""
        return find_source(ids["source_id"]).code

    def more(self, **ids: Any) -> Mapping[str, Any]:
        """Name the source, and lead back to it."""
        source = find_source(ids["source_id"])
        crumb = {"url": reverse("rating:usage-source", args=[source.pk]), "label": source.code}
        return {**super().more(**ids), "crumb": crumb}

    def perform(self, form: UsageSourceForm, source_id: int) -> Outcome:
        """Change it."""
        edit_usage_source(source_id=source_id, values=form.values(), actor=self.request.user)
        return Outcome(url=reverse("rating:usage-source", args=[source_id]), message=__("The source was changed."))


class ExplainGap(FormPage):
    """Why numbers of a sequence never came."""

    permission: ClassVar[str] = "rating.explain_gap"
    title = _("Explain the gap")
    form_class = GapForm

    def initial(self, source_id: int, first: int, last: int) -> Mapping[str, Any]:
        """Offer who asks as the owner, and what was said before."""
        gaps = sequence_gaps(source=find_source(source_id))
        said = next((gap.explanation for gap in gaps if gap.first_place == first and gap.explanation), None)
        return {"owner": said.owner_id, "reason": said.reason} if said else {"owner": self.request.user.pk}

    def perform(self, form: Any, source_id: int, first: int, last: int) -> Outcome:
        """Keep it."""
        explain_gap(
            source_id=find_source(source_id).pk,
            first=first,
            last=last,
            owner=form.cleaned_data["owner"],
            reason=form.cleaned_data["reason"],
            explained_at=clock.now(),
            actor=self.request.user,
        )
        return Outcome(url=reverse("rating:usage-source", args=[source_id]), message=__("The gap is explained."))


def _tried(form: UsageSourceForm, *, code: str) -> SourceTrial | None:
    """Return what the form makes of the file that came with it."""
    file = form.cleaned_data["file"]
    if file is None:
        form.add_error("file", __("Choose a file to try it on."))
        return None
    if file.size > MAX_TRIED_BYTES:
        form.add_error("file", ngettext("At most %(count)s MiB.", "At most %(count)s MiB.", 8) % {"count": 8})
        return None
    values = form.values()
    declared = declared_form(
        code=code,
        dialect=values["dialect"],
        declared=values["column_map"],
        time_zone=values["time_zone"],
        encoding=values["encoding"],
    )
    return try_source(form=declared, blocks=arriving_blocks(file.read(), name=file.name), at=clock.now())
