"""What accounting answered to a set of entries."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext as __, gettext_lazy as _

from billing_site.core import clock
from billing_site.web.views import FormPage, Outcome
from reconciliation.forms.books import TransferAnswerForm
from reconciliation.operations.transfer_answers import note_transfer_answer
from reconciliation.queries.revenue_transfers import revenue_transfers


class NoteTransferAnswer(FormPage):
    """Note that a set was taken into the books, or refused and why."""

    permission: ClassVar[str] = "reconciliation.note_transfer_answer"
    title = _("Note the answer of accounting")
    form_class = TransferAnswerForm
    submit_label = _("Note it")
    intro = _(
        "The set stays as it was sent. What accounting refused is put right there, or by a correction in the next set."
    )

    def initial(self, *_args: Any, **_ids: Any) -> Mapping[str, Any]:
        """Begin with today."""
        return {"answered_on": clock.today()}

    def more(self, *_args: Any, transfer_id: int, **_ids: Any) -> Mapping[str, Any]:
        """Lead back to the set."""
        if not revenue_transfers().filter(pk=transfer_id).exists():
            raise Http404
        return {"back_url": reverse("reconciliation:revenue-transfer", args=[transfer_id])}

    def perform(self, form: TransferAnswerForm, *_args: Any, transfer_id: int, **_ids: Any) -> Outcome:
        """Note it."""
        note_transfer_answer(
            transfer_id=transfer_id,
            **form.cleaned_data,
            today=clock.today(),
            noted_at=clock.now(),
            actor=self.request.user,
        )
        url = reverse("reconciliation:revenue-transfer", args=[transfer_id])
        return Outcome(url=url, message=__("The answer of accounting is noted."))
