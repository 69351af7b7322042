"""Loading a rate deck: first what it would do, then, on a second press, the doing."""

from collections.abc import Callable, Mapping
from typing import Any, ClassVar
from uuid import uuid4

from django.http import Http404, HttpResponse, HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as __, gettext_lazy as _

from billing_site.core import clock
from billing_site.core.errors import BillingError
from billing_site.identity.http import StaffRequest
from billing_site.jobs.models import Job
from billing_site.web.exports import criteria_facts, list_workbook
from billing_site.web.job_panel import JobLinks, job_panel_response, make_job_panel
from billing_site.web.refusals import refusal_html
from billing_site.web.tables import Column, Kind, Table
from billing_site.web.views import (
    EXPORT,
    SUBMISSION_KEY,
    UNPROCESSABLE,
    ActionView,
    DetailPage,
    FormPage,
    Outcome,
    StaffPage,
)
from tariffs.domain.deck_checks import PriceChange, RangeFault
from tariffs.domain.deck_reports import DeckReport
from tariffs.forms.plans import DeckForm
from tariffs.models import RateDeck
from tariffs.operations.deck_orders import PREVIEW, deck_of, find_deck_report, preview_rate_deck
from tariffs.operations.deck_preview import DeckInput
from tariffs.operations.long_work import LONG_PREFIXES, order_rate_deck
from tariffs.operations.rate_decks import LoadedDeck, confirm_rate_deck, load_rate_deck
from tariffs.queries.words import RANGE_FAULTS
from tariffs.views.versions import address_of, crumb_of, get_version

NAME_LENGTH = 200
SHOWN = 200
CHANGE_COLUMNS: tuple[Column[PriceChange], ...] = (
    Column(label=_("Zone"), value="zone", kind=Kind.CODE),
    Column(label=_("Window"), value="window", kind=Kind.CODE),
    Column(label=_("Was, a minute"), value="was", kind=Kind.AMOUNT),
    Column(label=_("Becomes, a minute"), value="becomes", kind=Kind.AMOUNT),
    Column(label=_("Percent"), value="percent", kind=Kind.NUM),
    Column(label=_("Second person"), value=lambda change: __("confirms") if change.is_jump else ""),
)
RANGE_COLUMNS: tuple[Column[RangeFault], ...] = (
    Column(label=_("Prefix"), value="prefix", kind=Kind.CODE),
    Column(label=_("What"), value=lambda fault: RANGE_FAULTS[fault.kind]),
    Column(label=_("First day"), value="first", kind=Kind.DATE),
    Column(label=_("Until"), value="until", kind=Kind.DATE),
    Column(label=_("Rows"), value=lambda fault: ", ".join(map(str, fault.rows)), kind=Kind.CODE),
)


class LoadRateDeck(FormPage):
    """A deck, handed in; or the taking of one that was shown."""

    permission: ClassVar[str] = "tariffs.load_rate_deck"
    title = _("Load a rate deck")
    form_class = DeckForm
    submit_label = _("Show what it would do")
    intro = _(
        "First you see what the deck would do. A large deck is read by a worker: you may go on with other work."
        " Columns headed name en, name hy, name ru, name zh and name ar give a destination its name in each language."
    )

    def more(self, version_id: int) -> Mapping[str, Any]:
        """Lead back."""
        return {"crumb": crumb_of(get_version(version_id))}

    def post(self, request: StaffRequest, **ids: Any) -> HttpResponseBase:
        """Find out what a new deck would do, or take the one that was shown."""
        if "seen" in request.POST:
            return self._take(_preview_job(str(request.POST["seen"]), **ids), **ids)
        return super().post(request, **ids)

    def perform(self, form: DeckForm, version_id: int) -> Outcome:
        """Find it out."""
        values = form.cleaned_data
        category = values["usage_category"]
        deck = DeckInput(
            content=values["deck"].read(),
            name=values["deck"].name[:NAME_LENGTH],
            decimal_mark=values["decimal_mark"],
            allow_zero=values["allow_zero"],
            usage_category_code=category.code if category else None,
        )
        version = get_version(version_id)
        job = preview_rate_deck(version_id=version.pk, deck=deck, today=clock.today(), actor=self.request.user)
        return Outcome(url=reverse("tariffs:rate-deck-preview", args=[version.pk, job.pk]))

    def _take(self, job: Job, version_id: int) -> HttpResponseBase:
        report = find_deck_report(job)
        if report is None:
            raise Http404
        take = order_rate_deck if report.prefix_count > LONG_PREFIXES else load_rate_deck
        try:
            return self.carry_out(lambda: self._taken(take, job))
        except BillingError as error:
            form = self.form_class({})
            form.errors.clear()
            form.add_error(None, refusal_html(error))
            return self._show_form(form, {"version_id": version_id}, status=UNPROCESSABLE)

    def _taken(self, take: Callable[..., Job | LoadedDeck], job: Job) -> Outcome:
        """Take it into the draft, or let a worker do so."""
        version_id = int(job.parameters["version"])
        loaded = take(
            version_id=version_id,
            seen_revision=int(job.parameters["revision"]),
            deck=deck_of(job),
            today=clock.today(),
            loaded_at=clock.now(),
            actor=self.request.user,
        )
        if isinstance(loaded, Job):
            message = __("A worker takes the deck into the draft. You may go on with other work.")
        elif loaded.deck.waits_for_confirmation:
            message = __("The deck is in the draft. A second person confirms its jumps.")
        else:
            message = __("The deck is in the draft.")
        return Outcome(url=reverse("tariffs:plan-version", args=[version_id]), message=message)


class RateDeckPreview(DetailPage[Job]):
    """What a deck would do, once it is found out; before that, how far the worker is."""

    permission: ClassVar[str] = "tariffs.load_rate_deck"
    template_name = "tariffs/load_rate_deck.html"

    def subject(self, version_id: int, job_id: int) -> Job:
        """Return its job."""
        return _preview_job(job_id, version_id)

    def page_title(self, subject: Job) -> str:
        """Name the file."""
        return __("What rate deck %(deck)s would do") % {"deck": subject.parameters["deck"]}

    def get(self, request: StaffRequest, **ids: Any) -> HttpResponseBase:
        """Show it, or return every price that changes as a workbook."""
        job = self.subject(**ids)
        report = find_deck_report(job) if EXPORT in request.GET else None
        if report is None:
            return super().get(request, **ids)
        facts = criteria_facts(
            title=job.parameters["deck"],
            form=None,
            person=str(request.user),
            at=clock.now(),
            address=request.build_absolute_uri(),
        )
        title = __("Prices that change")
        return list_workbook(title=title, columns=CHANGE_COLUMNS, rows=report.changes, facts=facts)

    def more(self, subject: Job) -> Mapping[str, Any]:
        """Return the panel and, once it is known, what the deck would do."""
        version = get_version(subject.parameters["version"])
        report = find_deck_report(subject)
        common = {
            "crumb": crumb_of(version),
            "version": version,
            "is_stale": version.revision != subject.parameters["revision"] or not version.is_draft,
            "is_under_way": not subject.is_finished,
            "report": report,
        }
        if report is None:
            return {**common, "panel": make_job_panel(job=subject, links=_links(subject), now=clock.now())}
        return {
            **common,
            "tables": _tables(report),
            "hidden_faults": report.fault_count - len(report.faults),
            "hidden_changes": max(len(report.changes) - SHOWN, 0),
            "nested": ", ".join(f"{inner} ({outer})" for inner, outer in report.nested),
            SUBMISSION_KEY: uuid4(),
        }


class RateDeckPreviewJob(StaffPage):
    """The panel's own question, each second; the page comes anew once the worker has ended."""

    permission: ClassVar[str] = "tariffs.load_rate_deck"

    def get(self, request: StaffRequest, version_id: int, job_id: int) -> HttpResponse:
        """Answer how far it is."""
        job = _preview_job(job_id, version_id)
        answer = job_panel_response(request, job=job, links=_links(job))
        if job.is_finished:
            answer["HX-Refresh"] = "true"
        return answer


def _preview_job(job_id: int | str, version_id: int) -> Job:
    """Return the job that found out what a deck would do to a version, or the page that says that there is none."""
    found = Job.objects.filter(pk=job_id, kind=PREVIEW).first() if str(job_id).isdecimal() else None
    if found is None or found.parameters["version"] != version_id:
        raise Http404
    return found


def _links(job: Job) -> JobLinks:
    return JobLinks(panel=reverse("tariffs:rate-deck-preview-job", args=[job.parameters["version"], job.pk]))


def _tables(report: DeckReport) -> list[Table[Any]]:
    ranges: Table[Any] = Table(columns=RANGE_COLUMNS, rows=report.range_faults, caption=_("Overlaps and holes"))
    changes: Table[Any] = Table(
        columns=CHANGE_COLUMNS,
        rows=report.changes[:SHOWN],
        caption=_("Prices that change"),
        empty=_("No price changes."),
    )
    return [ranges, changes] if ranges.rows else [changes]


class ConfirmRateDeck(ActionView):
    """A second person says that jumps are meant."""

    permission: ClassVar[str] = "tariffs.confirm_rate_deck"
    title = _("Confirm the jumps")
    button = _("Confirm")

    def _deck(self, deck_id: int) -> RateDeck:
        found = RateDeck.objects.filter(pk=deck_id).first()
        if found is None:
            raise Http404
        return found

    def question(self, deck_id: int) -> str:
        """Say how many."""
        deck = self._deck(deck_id)
        return __("%(count)s prices of %(deck)s jump. Are they meant?") % {"count": deck.jump_count, "deck": deck.name}

    def back_url(self, deck_id: int) -> str:
        """Return the version."""
        return address_of(get_version(self._deck(deck_id).plan_version_id))

    def perform(self, deck_id: int) -> Outcome:
        """Confirm."""
        deck = confirm_rate_deck(deck_id=deck_id, confirmed_at=clock.now(), actor=self.request.user)
        url = reverse("tariffs:plan-version", args=[deck.plan_version_id])
        return Outcome(url=url, message=__("The jumps are confirmed."))
