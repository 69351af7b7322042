"""Files kept as they came: written once, named by their hash, read back by it."""

import hashlib
import os
import tempfile
from collections.abc import Iterable
from pathlib import Path

from django.conf import settings

from billing_site.documents.models import StoredFile


def store_file(content: bytes, *, content_type: str = "application/octet-stream") -> StoredFile:
    """
    Keep bytes and return their row; the same bytes are kept once.

    The file is written under a temporary name, flushed to disk and renamed: it is whole or absent.
    """
    digest = sha256_of(content)
    path = path_of(digest)
    if not path.exists():
        _write_whole(path, content)
    row, _ = StoredFile.objects.get_or_create(
        sha256=digest, defaults={"size_bytes": len(content), "content_type": content_type}
    )
    return row


def store_stream(blocks: Iterable[bytes], *, content_type: str = "application/octet-stream") -> StoredFile:
    """
    Keep a stream of blocks and return its row; memory stays at one block, whatever the size.

    The blocks go to a temporary file while they are hashed; if the iterator raises, nothing is left.
    The same bytes are kept once.
    """
    root = Path(settings.SALDO_FILES_ROOT)
    root.mkdir(parents=True, exist_ok=True)
    digest = hashlib.sha256()
    size = 0
    handle, temporary = tempfile.mkstemp(dir=root)
    try:
        with os.fdopen(handle, "wb") as stream:
            for block in blocks:
                digest.update(block)
                size += len(block)
                stream.write(block)
            stream.flush()
            os.fsync(stream.fileno())
        path = path_of(digest.hexdigest())
        path.parent.mkdir(parents=True, exist_ok=True)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    row, _ = StoredFile.objects.get_or_create(
        sha256=digest.hexdigest(), defaults={"size_bytes": size, "content_type": content_type}
    )
    return row


def sha256_of(content: bytes) -> str:
    """Return the hash under which bytes are kept."""
    return hashlib.sha256(content).hexdigest()


def path_of(sha256: str) -> Path:
    """Return where bytes with this hash are kept."""
    return Path(settings.SALDO_FILES_ROOT) / sha256[:2] / sha256[2:4] / sha256


def _write_whole(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
