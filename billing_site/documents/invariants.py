"""What must be true of kept files."""

from collections.abc import Iterator

from billing_site.core.messages import gettext_noop
from billing_site.db.invariants import Invariant
from billing_site.documents.files import path_of
from billing_site.documents.models import StoredFile


def _files_not_there() -> Iterator[tuple[str, str]]:
    rows = StoredFile.objects.order_by("pk").values_list("pk", "sha256", "size_bytes")
    for pk, sha256, size in rows.iterator():
        path = path_of(sha256)
        found = path.stat().st_size if path.is_file() else None
        if found != size:
            yield f"file {pk}", f"{size} bytes were kept, {'nothing is' if found is None else f'{found} are'} there"


INVARIANTS: tuple[Invariant, ...] = (
    Invariant(
        name="documents.files_are_there",
        sentence=gettext_noop("Every kept file is there, whole."),
        find=_files_not_there,
    ),
)
