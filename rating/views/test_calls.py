"""Worked examples of a plan version: expected, got, why; run again; taken from real records."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time
from decimal import Decimal
from typing import Any, ClassVar

from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext as __, gettext_lazy as _, ngettext

from billing_site.core import clock
from billing_site.core.messages import Message
from billing_site.db.ranges import date_period
from billing_site.web.formatting import format_duration
from billing_site.web.plots import Plot, Series, lines
from billing_site.web.views import ActionView, DetailPage, FormPage, Outcome
from rating.forms import TakeRecordsForm
from rating.operations.test_calls import run_test_calls, take_test_calls
from rating.queries.price_curves import DURATIONS, price_curves
from tariffs.models import PlanVersion, TestCall
from tariffs.operations.reading_drafts import digest_of_contents

NOON = time(12)


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownCall:
    """An example as the page shows it: its state now, and the sentences of its last run."""

    call: TestCall
    state: str
    sentences: tuple[Message, ...]


def get_version(version_id: int) -> PlanVersion:
    """Return a version with its plan, or the page that says that there is none."""
    found = PlanVersion.objects.select_related("plan", "window_scheme").filter(pk=version_id).first()
    if found is None:
        raise Http404
    return found


class TestCallsPage(DetailPage[PlanVersion]):
    """The worked examples of a version, green and red, each with its trace; also a panel of the version's page."""

    __test__ = False
    permission: ClassVar[str] = "tariffs.view_plans"
    template_name = "rating/test_calls.html"
    title = _("Worked examples")

    def subject(self, version_id: int) -> PlanVersion:
        """Return the version; a page that loads the panel gets the part alone."""
        if self.request.headers.get("HX-Request") == "true":
            self.template_name = "rating/_test_calls.html"  # type: ignore[misc]
        return get_version(version_id)

    def more(self, subject: PlanVersion) -> Mapping[str, Any]:
        """Add the examples and the picture of prices."""
        calls = _shown(subject)
        counts = Counter(call.state for call in calls)
        url = reverse("tariffs:plan-version", args=[subject.pk])
        return {
            "is_panel": self.request.headers.get("HX-Request") == "true",
            "calls": calls,
            "green": counts["GREEN"],
            "red": counts["RED"],
            "open": counts["STALE"] + counts["ABSENT"],
            "curve": _curve(subject),
            "crumb": {"url": url, "label": f"{subject.plan.code} {subject.number}"},
        }


def _shown(version: PlanVersion) -> list[ShownCall]:
    calls = list(TestCall.objects.filter(plan_version=version).select_related("zone").order_by("position"))
    digest = digest_of_contents(version) if calls else ""
    return [
        ShownCall(call=call, state=_state(call, digest), sentences=tuple(map(_sentence, call.trace))) for call in calls
    ]


def _state(call: TestCall, digest: str) -> str:
    if not call.result:
        return "ABSENT"
    return call.result if call.contents_digest == digest else "STALE"


def _sentence(stored: Mapping[str, Any]) -> Message:
    """Return a sentence of the kernel as it was kept."""
    amounts = {name: Decimal(stored["params"][name]) for name in stored.get("amounts", ())}
    return Message(msgid=stored["msgid"], params={**stored["params"], **amounts})


def _curve(version: PlanVersion) -> Plot | None:
    first = date_period(version.during).start
    curves = price_curves(version.pk, at=datetime.combine(first, NOON, tzinfo=clock.operator_zone()))
    if not curves:
        return None
    sentence = ngettext(
        "What a call that begins at noon of the first day costs, up to ten minutes, to %(zones)s zone.",
        "What a call that begins at noon of the first day costs, up to ten minutes, to %(zones)s zones.",
        len(curves),
    ) % {"zones": len(curves)}
    return lines(
        title=__("Price over duration"),
        sentence=sentence,
        labels=[format_duration(seconds) for seconds in DURATIONS],
        series=[Series(name=curve.zone_code, values=curve.amounts) for curve in curves],
    )


class RunTestCalls(ActionView):
    """Price the worked examples now."""

    permission: ClassVar[str] = "rating.run_test_calls"
    title = _("Run the worked examples")
    button = _("Run")

    def back_url(self, version_id: int) -> str:
        """Return the examples."""
        return reverse("rating:test-calls", args=[get_version(version_id).pk])

    def perform(self, version_id: int) -> Outcome:
        """Run them."""
        url = self.back_url(version_id)
        run_test_calls(version_id=version_id, run_at=clock.now(), actor=self.request.user)
        return Outcome(url=url, message=__("The examples were run."))


class TakeTestCalls(FormPage):
    """Real records become worked examples."""

    permission: ClassVar[str] = "rating.take_test_calls"
    title = _("Take examples from real records")
    form_class = TakeRecordsForm
    submit_label = _("Take")
    intro = _("Each record is taken with what it was charged. Correct the amounts that the draft changes.")

    def more(self, version_id: int) -> Mapping[str, Any]:
        """Lead back."""
        version = get_version(version_id)
        return {"crumb": {"url": reverse("rating:test-calls", args=[version.pk]), "label": TestCallsPage.title}}

    def perform(self, form: Any, version_id: int) -> Outcome:
        """Take them."""
        take_test_calls(version_id=get_version(version_id).pk, actor=self.request.user, **form.cleaned_data)
        return Outcome(url=reverse("tariffs:set-test-calls", args=[version_id]), message=__("The records were taken."))
