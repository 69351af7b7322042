"""Sessions of tills: opened, counted, signed, handed over; X and Z reports."""

from collections.abc import Mapping
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as __, gettext_lazy as _, pgettext_lazy

from billing_site.core import clock
from billing_site.core.messages import gettext_noop
from billing_site.web.refusals import sentence_html
from billing_site.web.tables import Column, Kind, Table
from billing_site.web.views import DetailPage, FormPage, ListPage, Outcome
from payments.forms.till import (
    CountForm,
    ForceCountForm,
    HandOverForm,
    OpenSessionForm,
    ReasonForm,
    SessionFilter,
    typed_amount,
)
from payments.models import TillSession
from payments.operations.till_sessions import (
    count_till_session,
    force_close_till_session,
    hand_over_cash,
    open_till_session,
    sign_till_session,
)
from payments.queries.till_sessions import (
    MethodSum,
    TillReport,
    cash_left_of,
    till_report,
)
from payments.queries.till_words import METHODS
from payments.views.till_scope import get_session_or_404, sessions_seen_by

SUMS: tuple[Column[MethodSum], ...] = (
    Column(label=_("Method"), value=lambda row: METHODS[row.method]),
    Column(label=pgettext_lazy("till, an amount", "Taken"), value="taken_minor", kind=Kind.MONEY, total=True),
    Column(label=_("Given back"), value="given_back_minor", kind=Kind.MONEY, total=True),
)
EXPECTED: tuple[Column[MethodSum], ...] = (Column(label=_("Should be there"), value="expected_minor", kind=Kind.MONEY),)
OPENED = gettext_noop("Till %(till)s is open.")
COUNTED: tuple[Column[MethodSum], ...] = (
    Column(label=_("Counted"), value="counted_minor", kind=Kind.MONEY),
    Column(label=_("Difference"), value="difference_minor", kind=Kind.MONEY),
)


def address_of_session(session: TillSession) -> str:
    """Return the page of a session."""
    return reverse("payments:till-session", args=[session.pk])


class TillSessionList(ListPage[TillSession]):
    """Sessions, the latest first: a clerk's own, those of a supervisor's centre, or all."""

    permission = "payments.view_till_sessions"
    title = _("Till sessions")
    filter_form = SessionFilter
    columns = (
        Column(label=_("Till"), value="till.code", kind=Kind.CODE),
        Column(label=_("Service centre"), value="till.centre.names", kind=Kind.NAME),
        Column(label=_("Clerk"), value="clerk"),
        Column(label=_("Opened"), value="opened_at", kind=Kind.INSTANT),
        Column(label=_("Closed"), value="closed_at", kind=Kind.INSTANT),
        Column(label=_("Z report"), value="report_number", kind=Kind.CODE),
        Column(label=_("State"), value="state", kind=Kind.STATE),
    )
    empty = _("No session yet. A clerk opens one before the first payment of the day.")

    def rows(self, filters: Mapping[str, Any]) -> QuerySet[TillSession]:
        """Return the sessions of the filter."""
        seen = sessions_seen_by(self.request.user)
        return seen.filter(opened_on=filters["opened_on"]) if filters.get("opened_on") else seen

    def row_href(self, row: TillSession) -> str:
        """Lead to its report."""
        return address_of_session(row)


class TillSessionPage(DetailPage[TillSession]):
    """The X report of an open session, the Z report of a closed one."""

    permission = "payments.view_till_sessions"
    template_name = "payments/till_session_detail.html"

    def subject(self, session_id: int) -> TillSession:
        """Return it."""
        return get_session_or_404(session_id, self.request.user)

    def page_title(self, subject: TillSession) -> str:
        """Name the report."""
        if subject.report_number:
            return __("Z report %(number)s") % {"number": subject.report_number}
        return __("X report of till %(till)s") % {"till": subject.till.code}

    def more(self, subject: TillSession) -> Mapping[str, Any]:
        """Add the sums, and what this person may do."""
        person, report = self.request.user, till_report(subject)
        is_own = subject.clerk_id == person.pk
        is_counted = subject.state == TillSession.State.COUNTED
        return {
            "report": report,
            "sums": sums_table(report, is_blind=subject.is_open and is_own),
            "left_minor": cash_left_of(subject),
            "may_count": subject.is_open and is_own and person.may("payments.count_till_session"),
            "may_force": subject.is_open and not is_own and person.may("payments.force_close_till_session"),
            "may_sign": is_counted and not is_own and person.may("payments.sign_till_session"),
            "may_hand_over": person.may("payments.hand_over_cash"),
        }


def sums_table(report: TillReport, *, is_blind: bool) -> Table[MethodSum]:
    """
    Return the methods of a report; what was counted is shown once the session is counted.

    :param is_blind: for who still has to count: not what should be there
    """
    expected = () if is_blind else EXPECTED
    columns = (*SUMS, *expected) if report.session.is_open else (*SUMS, *EXPECTED, *COUNTED)
    return Table(columns=columns, rows=report.sums, caption=__("Methods"), empty=__("Nothing was taken yet."))


class OpenTillSession(FormPage):
    """The first act of the day."""

    permission = "payments.open_till_session"
    title = _("Open a session")
    form_class = OpenSessionForm
    submit_label = _("Open")

    def initial(self) -> Mapping[str, Any]:
        """Tell the form whose centre it is: the tills of another are no choice."""
        return {"centre_id": self.request.user.centre_id}

    def perform(self, form: Any) -> Outcome:
        """Open it and go to the till."""
        session = open_till_session(
            till_id=form.cleaned_data["till"].pk,
            float_minor=form.cleaned_data["float_minor"],
            opened_at=clock.now(),
            actor=self.request.user,
        )
        message = sentence_html(OPENED, {"till": session.till.code})
        return Outcome(url=reverse("payments:take-till-payment"), message=message)


class _SessionForm(FormPage):
    """A form about a session that this person may look at."""

    def session(self, session_id: int) -> TillSession:
        """Return it, or raise ``Http404``."""
        return get_session_or_404(session_id, self.request.user)

    def more(self, session_id: int) -> Mapping[str, Any]:
        """Lead back to its report."""
        return {"back_url": address_of_session(self.session(session_id))}


class CountTillSession(_SessionForm):
    """Count what is there; only then is told what should be."""

    permission = "payments.count_till_session"
    title = _("Count and close")
    template_name = "payments/count_till_session.html"
    form_class = CountForm
    submit_label = _("Close the session")
    intro = _("Count everything in the drawer, the float too. After this no more money is taken in this session.")

    def perform(self, form: Any, session_id: int) -> Outcome:
        """Count."""
        counted = count_till_session(
            session_id=self.session(session_id).pk,
            counted=form.counted(),
            denominations=form.denominations(),
            counted_at=clock.now(),
            actor=self.request.user,
        )
        return Outcome(url=address_of_session(counted), message=outcome_of_count(counted))


class ForceCloseTillSession(_SessionForm):
    """Count a till that somebody left open."""

    permission = "payments.force_close_till_session"
    title = _("Close somebody else's session")
    template_name = "payments/count_till_session.html"
    form_class = ForceCountForm
    submit_label = _("Close the session")
    intro = _("The drawer is counted by you for the clerk. That you did it, and why, is written down.")

    def perform(self, form: Any, session_id: int) -> Outcome:
        """Count."""
        counted = force_close_till_session(
            session_id=self.session(session_id).pk,
            counted=form.counted(),
            reason=form.cleaned_data["reason"],
            counted_at=clock.now(),
            actor=self.request.user,
        )
        return Outcome(url=address_of_session(counted), message=outcome_of_count(counted))


class SignTillSession(_SessionForm):
    """The supervisor's signature under a difference."""

    permission = "payments.sign_till_session"
    title = _("Sign the difference")
    form_class = ReasonForm
    submit_label = _("Sign")
    intro = _("The difference is posted and the session is closed. This is irrevocable.")

    def perform(self, form: Any, session_id: int) -> Outcome:
        """Sign."""
        signed = sign_till_session(
            session_id=self.session(session_id).pk,
            reason=form.cleaned_data["reason"],
            signed_at=clock.now(),
            actor=self.request.user,
        )
        return Outcome(url=address_of_session(signed), message=__("The difference is signed and posted."))


class HandOverCash(_SessionForm):
    """Cash goes to the bank."""

    permission = "payments.hand_over_cash"
    title = _("Hand over cash to the bank")
    form_class = HandOverForm
    submit_label = _("Hand over")

    def initial(self, session_id: int) -> Mapping[str, Any]:
        """Offer all that is there."""
        return {"amount": typed_amount(max(0, cash_left_of(self.session(session_id))))}

    def perform(self, form: Any, session_id: int) -> Outcome:
        """Hand over."""
        session = self.session(session_id)
        hand_over_cash(
            session_id=session.pk,
            amount_minor=form.cleaned_data["amount"],
            reference=form.cleaned_data["reference"],
            handed_at=clock.now(),
            actor=self.request.user,
        )
        return Outcome(url=address_of_session(session), message=__("The cash is on its way to the bank."))


def outcome_of_count(session: TillSession) -> str:
    """Say what the count led to."""
    if session.has_difference:
        return __("There is a difference. The supervisor signs it with its reason; then the session is closed.")
    return __("Everything is there. The session is closed.")
