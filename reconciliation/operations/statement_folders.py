"""Statements that banks leave in a folder: one folder for each bank account, each file taken once."""

import hashlib
import logging
from datetime import datetime
from pathlib import Path

from billing_site.core.errors import BillingError
from reconciliation.domain.statement_formats.parts import MAX_BYTES
from reconciliation.models import BankAccount, StatementFile
from reconciliation.operations.statements import load_statement

logger = logging.getLogger(__name__)


def take_statements(*, root: Path, at: datetime) -> tuple[StatementFile, ...]:
    """
    Load every file below ``root/<code of the bank account>/`` that is not known yet, the oldest name first.

    A file is a transaction of its own; one that is refused is said aloud and stays where it is, for a person to see.
    """
    taken = []
    for code in BankAccount.objects.filter(is_active=True).order_by("code").values_list("code", flat=True):
        folder = root / code
        for path in sorted(folder.iterdir()) if folder.is_dir() else ():
            file = _take(path, code=code, at=at)
            if file is not None:
                taken.append(file)
    return tuple(taken)


def _take(path: Path, *, code: str, at: datetime) -> StatementFile | None:
    if not path.is_file() or path.name.startswith(".") or path.stat().st_size > MAX_BYTES:
        return None
    content = path.read_bytes()
    if StatementFile.objects.filter(content__sha256=hashlib.sha256(content).hexdigest()).exists():
        return None
    try:
        return load_statement(bank_code=code, name=path.name, content=content, loaded_at=at)
    except BillingError:
        logger.exception("Statement %s of %s was refused", path.name, code)
        return None
