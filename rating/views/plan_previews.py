"""Previews of plan versions: asked for, watched, read."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django.conf import settings
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as __, gettext_lazy as _

from billing_site.core import clock
from billing_site.identity.http import StaffRequest
from billing_site.jobs.models import WorkItem
from billing_site.web.addresses import url_or_empty
from billing_site.web.job_panel import JobLinks, job_panel_response, make_job_panel
from billing_site.web.tables import Column, Kind, Table
from billing_site.web.views import ActionView, DetailPage, FormPage, ListPage, Outcome, StaffPage
from rating.domain.usage_months import UsageMonths, last_full_month
from rating.forms.previews import PreviewForm
from rating.models import PlanPreview, PlanPreviewAccount
from rating.operations.plan_previews import UNDER_WAY, cancel_plan_preview, preview_plan_version
from rating.queries.plan_previews import (
    FeeChange,
    PlaceChange,
    accounts_of,
    fee_changes,
    get_spread,
    get_totals,
    is_stale,
    item_changes,
    most_affected,
    previews_of,
    zone_changes,
)
from rating.views.preview_pictures import picture_of_changes
from subscribers.models import BillCycle
from tariffs.models import PlanVersion
from tariffs.views.versions import get_version, name_of

SHOWN_ZONES = 20
PERMISSION = "rating.preview_plan_version"


def get_preview(preview_id: int) -> PlanPreview:
    """Return a preview, or the page that says that there is none."""
    found = PlanPreview.objects.select_related("plan_version__plan", "job", "asked_by").filter(pk=preview_id).first()
    if found is None:
        raise Http404
    return found


def crumb_of(version: PlanVersion) -> dict[str, str]:
    """Return the way back to the previews of a version."""
    return {"url": reverse("rating:plan-previews", args=[version.pk]), "label": name_of(version)}


def _bill_days() -> dict[int, int]:
    return dict(BillCycle.objects.values_list("pk", "bill_day"))


class PlanPreviewList(ListPage[PlanPreview]):
    """The previews of a version."""

    permission: ClassVar[str] = PERMISSION
    title = _("What the version would do")
    template_name = "rating/plan_previews.html"
    columns = (
        Column(label=_("Preview"), value="pk", kind=Kind.CODE),
        Column(label=_("First month"), value="first_month", kind=Kind.DATE),
        Column(label=_("Months"), value="month_count", kind=Kind.NUM),
        Column(label=_("Subscriptions"), value="subscription_count", kind=Kind.NUM),
        Column(label=_("Asked by"), value="asked_by"),
        Column(label=_("Asked"), value="asked_at", kind=Kind.INSTANT),
        Column(label=_("State"), value="job.state", kind=Kind.STATE),
    )
    empty = _("Nobody has tried this version yet.")

    def rows(self, filters: Mapping[str, Any]) -> QuerySet[PlanPreview]:
        """Return them."""
        return previews_of(filters["version_id"])

    def row_href(self, row: PlanPreview) -> str:
        """Open one."""
        return reverse("rating:plan-preview", args=[row.pk])

    def more(self, filters: Mapping[str, Any]) -> Mapping[str, Any]:
        """Name the version."""
        version = get_version(filters["version_id"])
        return {
            "version": version,
            "version_name": name_of(version),
            "version_url": url_or_empty("tariffs:plan-version", version.pk),
            "may_ask": version.state != PlanVersion.State.PUBLISHED,
        }


class PreviewPlanVersion(FormPage):
    """Choose the months and start."""

    permission: ClassVar[str] = PERMISSION
    title = _("What the version would do")
    template_name = "rating/preview_plan_version.html"
    submit_label = _("Price again")
    intro = _(
        "The usage of those who had the plan in these months is priced again as if this version had been in force."
        " Nothing is changed by it."
    )

    def form_class(self, *args: Any, **options: Any) -> PreviewForm:  # type: ignore[override]
        """Return the form with the months that are over."""
        return PreviewForm(*args, last_month=last_full_month(_bill_days(), on=clock.today()), **options)

    def more(self, version_id: int) -> Mapping[str, Any]:
        """Lead back."""
        return {"crumb": crumb_of(get_version(version_id))}

    def perform(self, form: Any, version_id: int) -> Outcome:
        """Start it."""
        preview = preview_plan_version(
            version_id=get_version(version_id).pk,
            first_month=form.cleaned_data["first_month"],
            month_count=form.cleaned_data["month_count"],
            on=clock.today(),
            actor=self.request.user,
        )
        return Outcome(url=reverse("rating:plan-preview", args=[preview.pk]), message=__("The preview is under way."))


CHANGE_COLUMNS: tuple[Column[Any], ...] = (
    Column(label=_("Records"), value="record_count", kind=Kind.NUM),
    Column(label=_("Before"), value="before_micro", kind=Kind.MICRO, total=True),
    Column(label=_("After"), value="new_micro", kind=Kind.MICRO, total=True),
    Column(label=_("Change"), value="change_micro", kind=Kind.MICRO, total=True),
)
UNPRICED_COLUMNS: tuple[Column[Any], ...] = (
    Column(label=_("Without a price"), value="unpriced_count", kind=Kind.NUM),
    Column(label=_("They cost now"), value="unpriced_micro", kind=Kind.MICRO, total=True),
)
ACCOUNT_COLUMNS: tuple[Column[PlanPreviewAccount], ...] = (
    Column(
        label=_("Account"),
        value="account.number",
        kind=Kind.CODE,
        href=lambda row: url_or_empty("console:account", row.account_id),
    ),
    Column(label=_("Name"), value="account.subscriber.name"),
    *CHANGE_COLUMNS,
    *UNPRICED_COLUMNS,
)
ZONE_COLUMNS: tuple[Column[PlaceChange], ...] = (
    Column(label=_("Zone"), value="code", kind=Kind.CODE),
    Column(label=_("Name"), value="names", kind=Kind.NAME),
    Column(label=_("Bill item"), value="item_names", kind=Kind.NAME),
    *CHANGE_COLUMNS,
    Column(label=_("Percent"), value="percent", kind=Kind.NUM),
    *UNPRICED_COLUMNS,
)
ITEM_COLUMNS: tuple[Column[PlaceChange], ...] = (
    Column(label=_("Bill item"), value="names", kind=Kind.NAME),
    *CHANGE_COLUMNS,
    Column(label=_("Percent"), value="percent", kind=Kind.NUM),
)
FEE_COLUMNS: tuple[Column[FeeChange], ...] = (
    Column(label=_("Fee"), value="names", kind=Kind.NAME),
    Column(label=_("Before, each"), value="old_micro", kind=Kind.MICRO),
    Column(label=_("After, each"), value="new_micro", kind=Kind.MICRO),
    Column(label=_("Change in all"), value="change_micro", kind=Kind.MICRO),
)


class PlanPreviewPage(DetailPage[PlanPreview]):
    """What a preview found."""

    permission: ClassVar[str] = PERMISSION
    template_name = "rating/plan_preview.html"

    def subject(self, preview_id: int) -> PlanPreview:
        """Return the preview."""
        return get_preview(preview_id)

    def page_title(self, subject: PlanPreview) -> str:
        """Name the version."""
        return __("What %(version)s would do") % {"version": name_of(subject.plan_version)}

    def more(self, subject: PlanPreview) -> Mapping[str, Any]:
        """Return the panel and, once it has ended, the figures."""
        job = subject.job
        days = UsageMonths(first_month=subject.first_month, count=subject.month_count).around(_bill_days())
        common = {
            "panel": make_job_panel(job=job, links=links_of(subject, self.request), now=clock.now()),
            "crumb": crumb_of(subject.plan_version),
            "first_day": days.start,
            "last_day": days.last_day,
            "is_stale": is_stale(subject),
            "is_under_way": job.state in UNDER_WAY,
            "parked": WorkItem.objects.filter(job=job, state=WorkItem.State.PARKED).count(),
        }
        return common if job.state in UNDER_WAY else {**common, **_figures(subject)}


def _figures(preview: PlanPreview) -> dict[str, Any]:
    totals = get_totals(preview.pk)
    zones = zone_changes(preview.pk)
    fees = fee_changes(preview)
    tables: list[Table[Any]] = [
        _table(_("Pay most more"), ACCOUNT_COLUMNS, most_affected(preview.pk, is_dearer=True)),
        _table(_("Pay most less"), ACCOUNT_COLUMNS, most_affected(preview.pk, is_dearer=False)),
        _table(_("By bill item"), ITEM_COLUMNS, item_changes(zones)),
        _table(_("Zones that change most"), ZONE_COLUMNS, zones[:SHOWN_ZONES]),
    ]
    return {
        "totals": totals,
        "unpriced_zones": [zone for zone in zones if zone.unpriced_count],
        "picture": picture_of_changes(get_spread(preview.pk, totals), totals) if totals.account_count else None,
        "tables": tables,
        "fees": _table(_("Fees of every period"), FEE_COLUMNS, fees),
        "fee_change_micro": sum(fee.change_micro for fee in fees),
        "currency": settings.SALDO_CURRENCY,
    }


def _table(caption: Any, columns: Any, rows: Any) -> Table[Any]:
    return Table(columns=columns, rows=rows, caption=caption, empty=_("None."))


class PlanPreviewJob(StaffPage):
    """The panel's own question, each second."""

    permission: ClassVar[str] = PERMISSION

    def get(self, request: StaffRequest, preview_id: int) -> HttpResponse:
        """Answer how far it is."""
        preview = get_preview(preview_id)
        return job_panel_response(request, job=preview.job, links=links_of(preview, request))


def links_of(preview: PlanPreview, request: StaffRequest) -> JobLinks:
    """Return the addresses of the panel."""
    may_cancel = request.user.may("rating.cancel_plan_preview")
    return JobLinks(
        panel=reverse("rating:plan-preview-job", args=[preview.pk]),
        cancel=reverse("rating:cancel-plan-preview", args=[preview.pk]) if may_cancel else "",
    )


class PlanPreviewAccounts(ListPage[PlanPreviewAccount]):
    """All accounts of a preview, those that pay most more first; as a workbook too."""

    permission: ClassVar[str] = PERMISSION
    title = _("Accounts of the preview")
    is_wide = True
    columns = ACCOUNT_COLUMNS
    order = ("-change_micro", "-account_id")
    empty = _("No account had usage.")

    def rows(self, filters: Mapping[str, Any]) -> QuerySet[PlanPreviewAccount]:
        """Return them."""
        return accounts_of(filters["preview_id"])

    def more(self, filters: Mapping[str, Any]) -> Mapping[str, Any]:
        """Lead back."""
        return {"crumb": _crumb_of_preview(filters["preview_id"])}


class PlanPreviewZones(ListPage[PlaceChange]):
    """All zones of a preview, the largest change first; as a workbook too."""

    permission: ClassVar[str] = PERMISSION
    title = _("Zones of the preview")
    is_wide = True
    columns = ZONE_COLUMNS
    empty = _("No zone was used.")

    def rows(self, filters: Mapping[str, Any]) -> list[PlaceChange]:
        """Return them."""
        return zone_changes(get_preview(filters["preview_id"]).pk)

    def more(self, filters: Mapping[str, Any]) -> Mapping[str, Any]:
        """Lead back."""
        return {"crumb": _crumb_of_preview(filters["preview_id"])}


def _crumb_of_preview(preview_id: int) -> dict[str, str]:
    preview = get_preview(preview_id)
    return {"url": reverse("rating:plan-preview", args=[preview.pk]), "label": name_of(preview.plan_version)}


class CancelPlanPreview(ActionView):
    """End it after the pieces under way."""

    permission: ClassVar[str] = "rating.cancel_plan_preview"
    title = _("Cancel the preview")
    button = _("Cancel the preview")

    def back_url(self, preview_id: int) -> str:
        """Return its page."""
        return reverse("rating:plan-preview", args=[preview_id])

    def perform(self, preview_id: int) -> Outcome:
        """Cancel it."""
        preview = cancel_plan_preview(preview_id=get_preview(preview_id).pk, actor=self.request.user)
        return Outcome(url=self.back_url(preview.pk), message=__("The preview ends after the pieces under way."))
