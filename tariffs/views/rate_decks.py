"""Loading a rate deck: first what it would do, then, on a second press, the doing."""

from collections.abc import Mapping
from typing import Any, ClassVar
from uuid import uuid4

from django.core import signing
from django.http import Http404, HttpResponse, HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as __, gettext_lazy as _

from billing_site.core import clock
from billing_site.core.errors import BillingError
from billing_site.documents.files import path_of, store_file
from billing_site.identity.http import StaffRequest
from billing_site.web.exports import criteria_facts, list_workbook
from billing_site.web.refusals import refusal_html
from billing_site.web.tables import Column, Kind, Table
from billing_site.web.views import EXPORT, SUBMISSION_KEY, UNPROCESSABLE, ActionView, FormPage, Outcome
from tariffs.domain.deck_checks import PriceChange, RangeFault
from tariffs.forms.plans import DeckForm
from tariffs.models import RateDeck
from tariffs.operations.deck_preview import DeckInput, DeckPreview, preview_deck
from tariffs.operations.long_work import LONG_PREFIXES, order_rate_deck
from tariffs.operations.rate_decks import confirm_rate_deck, load_rate_deck
from tariffs.queries.words import RANGE_FAULTS
from tariffs.views.versions import address_of, crumb_of, get_version

SALT = "tariffs.rate_deck"
PREVIEW_SECONDS = 3600
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
    """A deck, its preview, and its taking."""

    permission: ClassVar[str] = "tariffs.load_rate_deck"
    title = _("Load a rate deck")
    form_class = DeckForm
    submit_label = _("Show what it would do")
    preview_template: ClassVar[str] = "tariffs/load_rate_deck.html"

    def more(self, version_id: int) -> Mapping[str, Any]:
        """Lead back."""
        return {"crumb": crumb_of(get_version(version_id))}

    def get(self, request: StaffRequest, **ids: Any) -> HttpResponseBase:
        """Ask for a deck, or return what one that was shown would change, as a workbook."""
        if EXPORT in request.GET and "seen" in request.GET:
            return self._export(request.GET["seen"], **ids)
        return super().get(request, **ids)

    def post(self, request: StaffRequest, **ids: Any) -> HttpResponseBase:
        """Show what a new deck would do, or take the one that was shown."""
        if "seen" in request.POST:
            return self._load(str(request.POST["seen"]), **ids)
        form = self.form_class(request.POST, request.FILES)
        if form.is_valid():
            try:
                return self._preview(form.cleaned_data, **ids)
            except BillingError as error:
                form.add_error(None, refusal_html(error))
        return self._show_form(form, ids, status=UNPROCESSABLE)

    def _preview(self, values: Mapping[str, Any], version_id: int) -> HttpResponse:
        version = get_version(version_id)
        category = values["usage_category"]
        declared: dict[str, Any] = {
            "name": values["deck"].name[:200],
            "decimal_mark": values["decimal_mark"],
            "allow_zero": values["allow_zero"],
            "usage_category_code": category.code if category else None,
        }
        deck = DeckInput(content=values["deck"].read(), **declared)
        preview = preview_deck(version=version, deck=deck, today=clock.today())
        stored = store_file(deck.content)
        seen: dict[str, Any] = {
            "declared": declared,
            "sha256": stored.sha256,
            "revision": version.revision,
            "version": version.pk,
        }
        seen["prefixes"] = len(preview.zone_by_prefix)
        context = {
            "crumb": crumb_of(version),
            "deck": deck,
            "preview": preview,
            "seen": signing.dumps(seen, salt=SALT),
            "tables": _tables(preview),
            "fault_rows": preview.faults[:SHOWN],
            "hidden_faults": max(len(preview.faults) - SHOWN, 0),
            "hidden_changes": max(len(preview.changes) - SHOWN, 0),
            "nested": ", ".join(f"{inner} ({outer})" for inner, outer in preview.nested),
            SUBMISSION_KEY: uuid4(),
        }
        self.template_name = self.preview_template  # type: ignore[misc]
        return self.show(context, status=UNPROCESSABLE if preview.is_refused else 200)

    def _seen(self, token: str, version_id: int) -> tuple[Mapping[str, Any], DeckInput]:
        """Return what was shown, and the deck that it was shown of."""
        try:
            seen = signing.loads(token, salt=SALT, max_age=PREVIEW_SECONDS)
        except signing.BadSignature as error:
            raise Http404 from error
        if seen["version"] != version_id:
            raise Http404
        return seen, DeckInput(content=path_of(seen["sha256"]).read_bytes(), **seen["declared"])

    def _export(self, token: str, version_id: int) -> HttpResponseBase:
        """Return every price that changes, as a workbook."""
        deck = self._seen(token, version_id)[1]
        preview = preview_deck(version=get_version(version_id), deck=deck, today=clock.today())
        address = self.request.build_absolute_uri()
        facts = criteria_facts(
            title=deck.name, form=None, person=str(self.request.user), at=clock.now(), address=address
        )
        title = __("Prices that change")
        return list_workbook(title=title, columns=CHANGE_COLUMNS, rows=preview.changes, facts=facts)

    def _load(self, token: str, version_id: int) -> HttpResponseBase:
        seen, deck = self._seen(token, version_id)
        try:
            take = self._order if seen["prefixes"] > LONG_PREFIXES else self._take
            return self.carry_out(lambda: take(version_id, int(seen["revision"]), deck))
        except BillingError as error:
            form = self.form_class({})
            form.errors.clear()
            form.add_error(None, refusal_html(error))
            return self._show_form(form, {"version_id": version_id}, status=UNPROCESSABLE)

    def _order(self, version_id: int, revision: int, deck: DeckInput) -> Outcome:
        order_rate_deck(
            version_id=version_id,
            seen_revision=revision,
            deck=deck,
            today=clock.today(),
            loaded_at=clock.now(),
            actor=self.request.user,
        )
        url = reverse("tariffs:plan-version", args=[version_id])
        return Outcome(url=url, message=__("A worker takes the deck into the draft. You may go on with other work."))

    def _take(self, version_id: int, revision: int, deck: DeckInput) -> Outcome:
        loaded = load_rate_deck(
            version_id=version_id,
            seen_revision=revision,
            deck=deck,
            today=clock.today(),
            loaded_at=clock.now(),
            actor=self.request.user,
        )
        waits = loaded.deck.waits_for_confirmation
        done = __("The deck is in the draft.")
        message = __("The deck is in the draft. A second person confirms its jumps.") if waits else done
        return Outcome(url=reverse("tariffs:plan-version", args=[version_id]), message=message)


def _tables(preview: DeckPreview) -> list[Table[Any]]:
    ranges: Table[Any] = Table(
        columns=RANGE_COLUMNS, rows=preview.range_faults[:SHOWN], caption=_("Overlaps and holes")
    )
    changes: Table[Any] = Table(
        columns=CHANGE_COLUMNS,
        rows=preview.changes[:SHOWN],
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
