import hashlib
from pathlib import Path

import pytest
from django.db import ProgrammingError
from pytest_django import Settings

from billing_site.documents.files import path_of, store_file
from billing_site.documents.models import StoredFile

pytestmark = pytest.mark.django_db
CONTENT = b"0123456789"


@pytest.fixture(autouse=True)
def files_root(settings: Settings, tmp_path: Path) -> Path:
    settings.SALDO_FILES_ROOT = tmp_path
    return tmp_path


def test_store_file_keeps_the_bytes_under_their_hash(files_root: Path):
    row = store_file(CONTENT, content_type="text/csv")

    assert row.sha256 == hashlib.sha256(CONTENT).hexdigest()
    assert path_of(row.sha256).read_bytes() == CONTENT
    assert (row.size_bytes, row.content_type) == (10, "text/csv")


def test_store_file_of_the_same_bytes_keeps_them_once(files_root: Path):
    assert store_file(CONTENT).pk == store_file(CONTENT, content_type="other").pk
    assert StoredFile.objects.count() == 1
    assert len([path for path in files_root.rglob("*") if path.is_file()]) == 1


def test_store_file_whose_bytes_were_lost_writes_them_again(files_root: Path):
    row = store_file(CONTENT)
    path_of(row.sha256).unlink()

    store_file(CONTENT)

    assert path_of(row.sha256).read_bytes() == CONTENT


def test_stored_files_cannot_be_changed_through_the_model(files_root: Path):
    row = store_file(CONTENT)

    with pytest.raises(ProgrammingError, match="permission denied"):
        StoredFile.objects.filter(pk=row.pk).update(size_bytes=1)
