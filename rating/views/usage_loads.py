"""Usage by hand: a file that did not come by itself is taken in, and what is ready is rated."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

from django.core.files.uploadedfile import TemporaryUploadedFile, UploadedFile
from django.urls import reverse
from django.utils.translation import gettext as __, gettext_lazy as _, ngettext

from billing_site.core import clock
from billing_site.core.errors import BillingError
from billing_site.core.messages import gettext_noop
from billing_site.identity.models import User
from billing_site.web.views import ActionView, FormPage, Outcome
from rating.forms import UsageFileForm
from rating.models import UsageFile
from rating.operations.rating_runs import rate_usage
from rating.operations.usage_files import load_usage_file
from rating.queries.open_runs import READY
from rating.views.usage_files import address_of_file


class NoFileReady(BillingError):
    """Every file is rated, or held."""

    default_message = gettext_noop("No file is ready to be rated: those that came are rated, or held.")
    default_code = "NO_FILE_READY"


class LoadUsage(FormPage):
    """A file of usage is taken in."""

    permission: ClassVar[str] = "rating.load_usage"
    title = _("Load a usage file")
    submit_label = _("Load")
    form_class = UsageFileForm
    intro = _(
        "For a file that was not taken from its folder, or is sent again: lines that are counted already end as"
        " duplicates."
    )

    def initial(self, **_ids: Any) -> Mapping[str, Any]:
        """Choose the source that was asked for."""
        return {"source": self.request.GET.get("source", "")}

    def more(self, **_ids: Any) -> Mapping[str, Any]:
        """Lead back."""
        return {"crumb": {"url": reverse("rating:usage-files"), "label": __("Usage files")}}

    def perform(self, form: Any, **_ids: Any) -> Outcome:
        """Take it in, and open it."""
        values = form.cleaned_data
        upload = values["usage"]
        file = load_usage_file(
            source=values["source"],
            name=upload.name,
            content=_content(upload),
            arrived_at=clock.now(),
            actor=self.request.user,
        )
        if file.state == UsageFile.State.HELD:
            return Outcome(
                url=address_of_file(file.pk), message=__("The file is kept, and held: nothing is rated yet.")
            )
        return Outcome(url=address_of_file(file.pk), message=__("The file is kept. It is rated with the next run."))


def _content(upload: "UploadedFile[Any]") -> bytes | Path:
    """Return a large upload by its path, so that it is never in memory as a whole."""
    return Path(upload.temporary_file_path()) if isinstance(upload, TemporaryUploadedFile) else upload.read()


class RateUsage(ActionView):
    """What is ready is rated now, not at night."""

    permission: ClassVar[str] = "rating.rate_usage"
    title = _("Rate what is ready")
    button = _("Rate now")

    def question(self) -> str:
        """Say how much is ready."""
        count = UsageFile.objects.filter(state__in=READY).count()
        question = ngettext(
            "%(count)s file is ready to be rated. Rate it now?",
            "%(count)s files are ready to be rated. Rate them now?",
            count,
        )
        return question % {"count": count} if count else __(NoFileReady.default_message)

    def back_url(self) -> str:
        """Return the list of files."""
        return reverse("rating:usage-files")

    def perform(self) -> Outcome:
        """Start a run, or go on with one."""
        user: User = self.request.user
        job = rate_usage(actor=user)
        if job is None:
            raise NoFileReady
        is_seen = user.has_perm("console.view_jobs")
        url = reverse("console:job", args=[job.pk]) if is_seen else self.back_url()
        return Outcome(url=url, message=__("The rating has begun. You may go on with other work."))
