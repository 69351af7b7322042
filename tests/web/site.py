"""A small site made of the base pages: what tests and the browser look at."""

from django import forms
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import include, path, reverse
from django.utils.translation import gettext_lazy as _
from django.views.i18n import set_language

from billing_site.core import clock
from billing_site.core.errors import BillingError
from billing_site.jobs.models import Job
from billing_site.jobs.progress import pause_job
from billing_site.web import plots, wrapping
from billing_site.web.forms import AmountField, DayField, PhoneField
from billing_site.web.job_panel import JobLinks, job_panel_response, make_job_panel
from billing_site.web.search import SearchGroup, SearchHit, hit_count, mark_match
from billing_site.web.tables import Column, Kind
from billing_site.web.views import ANY_STAFF, ActionView, DetailPage, FormPage, ListPage, Outcome, StaffPage


class JobFilter(forms.Form):
    """The filter of the list."""

    state = forms.ChoiceField(
        label=_("Search"), required=False, choices=[("", "—"), ("DONE", "Done"), ("PAUSED", "Paused")]
    )
    since = DayField(label=_("As of"), required=False)


class Jobs(ListPage[Job]):
    """All jobs."""

    permission = "console.view_jobs"
    title = _("Payments")
    columns = (
        Column(label=_("List"), value="title", href=lambda job: reverse("sample:job", args=[job.pk])),
        Column(label="Phone", value=lambda job: f"999102345{job.pk % 90 + 10}", kind=Kind.PHONE),
        Column(label=_("As of"), value="created_at", kind=Kind.INSTANT),
        Column(label=_("Progress"), value="done_units", kind=Kind.NUM, total=True),
        Column(label=_("Amount"), value="amount_minor", kind=Kind.MONEY, currency=lambda _: "AMD", total=True),
        Column(label=_("Address"), value="key", kind=Kind.CODE),
        Column(label=_("Checks"), value="state", kind=Kind.STATE),
    )
    order = ("-created_at", "-id")
    filter_form = JobFilter
    page_size = 20
    workbook_limit = 50

    def rows(self, filters):
        """Return the jobs of a state."""
        found = Job.objects.all()
        return found.filter(state=filters["state"]) if filters["state"] else found

    def row_href(self, row):
        """Open the job."""
        return reverse("sample:job", args=[row.pk])


class Words(ListPage[str]):
    """A list that is in memory."""

    permission = ANY_STAFF
    title = "Words"
    columns = (Column(label="Word", value=lambda word: word),)
    page_size = 2

    def rows(self, filters):
        """Return three words."""
        return ("one", "two", "three")


class JobPage(DetailPage[Job]):
    """One job, with pictures."""

    permission = "console.view_jobs"
    template_name = "web_samples/job.html"

    def subject(self, job_id):
        """Return the job."""
        return find(job_id)

    def page_title(self, subject):
        """Call it by its title."""
        return subject.title

    def more(self, subject):
        """Add the panel and the pictures."""
        return {"panel": make_job_panel(job=subject, links=links(subject), now=clock.now()), "plots": sample_plots()}


class JobPanelPage(StaffPage):
    """The panel alone."""

    permission = "console.view_jobs"

    def get(self, request, job_id):
        """Answer the poll."""
        job = find(job_id)
        return job_panel_response(request, job=job, links=links(job))


class PauseJob(ActionView):
    """A button."""

    permission = "console.control_jobs"
    title = "Pause"
    button = _("Pause")

    def back_url(self, job_id):
        """Go back to the job."""
        return reverse("sample:job", args=[job_id])

    def perform(self, job_id):
        """Pause it."""
        pause_job(job_id=job_id)
        return Outcome(url=self.back_url(job_id), message="Paused.", undo_url=reverse("sample:jobs"))


class AddForm(forms.Form):
    """Title, amount, phone, day."""

    title = forms.CharField(label=_("List"), help_text="How it is called.", max_length=40)
    amount = AmountField(label=_("Amount"))
    phone = PhoneField(label="Phone", required=False)
    day = DayField(label=_("As of"), required=False)
    is_urgent = forms.BooleanField(label=_("yes"), required=False)


class AddJob(FormPage):
    """A form."""

    permission = "console.control_jobs"
    title = _("Confirm")
    form_class = AddForm

    def initial(self):
        """Propose a title."""
        return {"title": "Proposed"}

    def perform(self, form):
        """Write a row."""
        if form.cleaned_data["title"] == "taken":
            raise BillingError(
                "The list has more than %(limit)s rows. Narrow the filter; nothing was exported.", context={"limit": 5}
            )
        job = Job.objects.create(
            kind="sample",
            title=form.cleaned_data["title"],
            amount_minor=form.cleaned_data["amount"],
            started_by=str(self.request.user),
        )
        return Outcome(url=reverse("sample:job", args=[job.pk]), message="Added.")


def search(request):
    """Answer the box."""
    query = request.GET.get("q", "")
    hits = [
        SearchHit(
            url=reverse("sample:job", args=[job.pk]),
            title=mark_match(job.title, query),
            note=wrapping.state_html(job.state),
        )
        for job in Job.objects.filter(title__icontains=query)[:5]
    ]
    groups = (SearchGroup(key="jobs", label=_("Payments"), hits=hits),)
    if request.htmx:
        return render(request, "components/search_options.html", {"groups": groups, "hit_count": hit_count(groups)})
    return redirect(hits[0].url) if len(hits) == 1 else HttpResponse("none")


def boom(request):
    """Fail."""
    raise RuntimeError


def find(job_id):
    """Return a job or nothing to see."""
    job = Job.objects.filter(pk=job_id).first()
    if job is None:
        raise Http404
    return job


def links(job):
    """Return the addresses of a panel."""
    return JobLinks(
        panel=reverse("sample:panel", args=[job.pk]),
        pause=reverse("sample:pause", args=[job.pk]),
        set_aside=reverse("sample:jobs"),
    )


def sample_plots():
    """Return one picture of each kind."""
    months = [f"2026-{month:02d}" for month in range(1, 13)]
    return [
        plots.bars(
            title=_("Payments"),
            sentence="March was the best month.",
            points=[plots.Bar(label=month, value=1200 * at + 900, alarm=at == 5) for at, month in enumerate(months)],
            target=9000,
        ),
        plots.lines(
            title=_("Usage"),
            sentence="Both grow.",
            labels=months,
            series=[
                plots.Series(name="Արևաբերդ", values=[at * at for at in range(12)]),
                plots.Series(name="مدينة النخيل", values=[at * 8 for at in range(12)]),
            ],
        ),
        plots.heat_strip(
            title=_("Checks"),
            sentence="One hour repeats another.",
            columns=[f"{hour}" for hour in range(24)],
            rows=[
                plots.HeatRow(
                    label=name,
                    cells=[
                        plots.HeatCell(
                            label=f"{name} {hour}", value=hour * 7 % 90, alarm=name == "X07" and hour == 19, href="#"
                        )
                        for hour in range(24)
                    ],
                )
                for name in ("X01", "X07")
            ],
        ),
        plots.waterfall(
            title=_("Bills"),
            sentence="It adds up.",
            steps=[
                plots.Step(label="opening", value=4000, is_total=True),
                plots.Step(label="billed", value=1500),
                plots.Step(label="paid", value=-2500),
                plots.Step(label="closing", value=3000, is_total=True),
            ],
        ),
    ]


sample = (
    [
        path("", Jobs.as_view(), name="jobs"),
        path("words/", Words.as_view(), name="words"),
        path("add/", AddJob.as_view(), name="add"),
        path("<int:job_id>/", JobPage.as_view(), name="job"),
        path("<int:job_id>/panel/", JobPanelPage.as_view(), name="panel"),
        path("<int:job_id>/pause/", PauseJob.as_view(), name="pause"),
        path("boom/", login_not_required(boom), name="boom"),
    ],
    "sample",
)
console = ([path("", Jobs.as_view(), name="home"), path("search/", search, name="search")], "console")
urlpatterns = [
    path("", include(console)),
    path("jobs/", include(sample)),
    path("", include("billing_site.identity.urls")),
    path("i18n/setlang/", login_not_required(set_language), name="set_language"),
]
