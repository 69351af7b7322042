"""The column maps of the networks' registers: the list, and one that is tried on a file before it is used."""

from collections.abc import Mapping
from typing import Any

from django.core import signing
from django.core.exceptions import BadRequest
from django.db.models import QuerySet
from django.http import Http404, HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _, gettext_lazy

from billing_site.core.errors import BillingError
from billing_site.identity.http import StaffRequest
from billing_site.web.refusals import refusal_html
from billing_site.web.tables import Column, Kind, Table
from billing_site.web.views import UNPROCESSABLE, FormPage, ListPage, Outcome
from payments.models import TerminalNetwork
from reconciliation.forms.register_maps import FORM_WORDS, RegisterMapForm, initial_of_map
from reconciliation.operations.register_maps import set_register_map
from reconciliation.queries.register_previews import RegisterPreview, preview_register

SALT = "reconciliation.register_map"
# A map that was tried may be kept for so long.
TRIED_SECONDS = 3600


class RegisterMapList(ListPage[TerminalNetwork]):
    """The networks and how they write their registers."""

    permission = "reconciliation.set_register_map"
    title = gettext_lazy("Column maps of registers")
    columns = (
        Column(label=gettext_lazy("Network"), value="name"),
        Column(label=gettext_lazy("Code"), value="code", kind=Kind.CODE),
        Column(
            label=gettext_lazy("Form of the file"),
            value=lambda row: FORM_WORDS[row.register_map.get("form", "csv")] if row.register_map else "",
        ),
        Column(
            label=gettext_lazy("Name of the files in the network's folder"),
            value=lambda row: row.register_map.get("file_name", ""),
            kind=Kind.CODE,
        ),
    )
    order = ("name", "id")
    empty = gettext_lazy("There is no network of terminals yet.")

    def rows(self, filters: Mapping[str, Any]) -> QuerySet[TerminalNetwork]:
        """Return the networks."""
        return TerminalNetwork.objects.all()

    def row_href(self, row: TerminalNetwork) -> str:
        """Open the map."""
        return reverse("reconciliation:set-register-map", args=[row.code])


class SetRegisterMap(FormPage):
    """A network's map: filled in, tried on a file, looked at, and only then used."""

    permission = "reconciliation.set_register_map"
    title = gettext_lazy("Column map of a register")
    template_name = "reconciliation/set_register_map.html"
    form_class = RegisterMapForm
    submit_label = gettext_lazy("Try it")
    intro = gettext_lazy(
        "The map is tried on a file first; nothing of the file is kept, and the map only when you use it."
    )

    def initial(self, *_args: Any, network_code: str, **_ids: Any) -> Mapping[str, Any]:
        """Begin with the network's map."""
        return initial_of_map(_network_or_404(network_code).register_map)

    def more(self, *_args: Any, network_code: str, **_ids: Any) -> Mapping[str, Any]:
        """Name the network, and lead back."""
        return {"network": _network_or_404(network_code), "back_url": reverse("reconciliation:register-maps")}

    def post(self, request: StaffRequest, **ids: Any) -> HttpResponseBase:
        """Try the map, or use the one that was tried."""
        if "tried" in request.POST:
            return self._use(request.POST["tried"], **ids)
        form = self.form_class(request.POST, request.FILES, initial=dict(self.initial(**ids)))
        shown: dict[str, Any] = {}
        if form.is_valid():
            try:
                shown = self._tried(form)
            except BillingError as error:
                form.add_error(None, refusal_html(error))
        context = {"form": form, "submit_label": self.submit_label, "intro": self.intro, **self.more(**ids), **shown}
        return self.show(context, status=200 if shown else UNPROCESSABLE)

    def _tried(self, form: RegisterMapForm) -> dict[str, Any]:
        sample, plain = form.cleaned_data["sample"], form.register_map()
        preview = preview_register(
            sample.read(), register_map=plain, file_name=sample.name, day=form.cleaned_data["day"]
        )
        is_usable = not preview.refusals
        return {
            "preview": preview,
            "lines": _table_of(preview),
            "refusals": [refusal_html(error) for error in preview.refusals],
            "tried": signing.dumps(plain, salt=SALT) if is_usable else "",
        }

    def _use(self, tried: str, *, network_code: str) -> HttpResponseBase:
        try:
            plain = signing.loads(tried, salt=SALT, max_age=TRIED_SECONDS)
        except signing.BadSignature as error:
            raise BadRequest(SALT) from error
        return self.carry_out(lambda: self._keep(network_code, plain))

    def _keep(self, network_code: str, plain: Mapping[str, Any]) -> Outcome:
        network = _network_or_404(network_code)
        set_register_map(network_code=network.code, register_map=plain, actor=self.request.user)
        return Outcome(url=reverse("reconciliation:register-maps"), message=_("The column map is in use."))


def _network_or_404(code: str) -> TerminalNetwork:
    network = TerminalNetwork.objects.filter(code=code).first()
    if network is None:
        raise Http404
    return network


def _table_of(preview: RegisterPreview) -> Table[Any]:
    columns: tuple[Column[Any], ...] = (
        Column(label=_("Line"), value="line_number", kind=Kind.NUM),
        Column(label=_("Transaction"), value="txn_id", kind=Kind.CODE),
        Column(label=_("Account"), value="account_number", kind=Kind.CODE),
        Column(label=_("Amount"), value="amount_minor", kind=Kind.MONEY),
        Column(label=_("Time of payment"), value="paid_at", kind=Kind.INSTANT),
    )
    return Table(columns=columns, rows=preview.lines, caption=_("What was read"), empty=_("No payment was read."))
