"""From the codes that people write in a price list to the rows they mean."""

from collections.abc import Iterable
from typing import TypeVar

from django.db import models

from billing_site.core.errors import BillingError
from billing_site.core.messages import gettext_noop

M = TypeVar("M", bound=models.Model)


class UnknownCode(BillingError):
    """A code that nothing has."""

    default_message = gettext_noop("There is no %(kind)s with the code %(code)s.")
    default_code = "UNKNOWN_CODE"


class CodeTaken(BillingError):
    """A code that something of the same kind has already."""

    default_message = gettext_noop("There is a %(kind)s with the code %(code)s already.")
    default_code = "CODE_TAKEN"


def rows_by_code(rows: "models.QuerySet[M]", codes: Iterable[str]) -> dict[str, M]:
    """
    Return rows by their code, with one query.

    :raises UnknownCode: with the first code that no row has
    """
    wanted = sorted(set(codes))
    found = {str(getattr(row, "code", "")): row for row in rows.filter(code__in=wanted)} if wanted else {}
    for code in wanted:
        if code not in found:
            raise UnknownCode(context={"kind": _kind_of(rows), "code": code})
    return found


def check_code_free(rows: "models.QuerySet[M]", code: str) -> None:
    """
    Refuse a code that is in use.

    :raises CodeTaken: if a row has it
    """
    if rows.filter(code=code).exists():
        raise CodeTaken(context={"kind": _kind_of(rows), "code": code})


def _kind_of(rows: "models.QuerySet[M]") -> str:
    return str(rows.model._meta.verbose_name)  # noqa: SLF001 - Django's documented Meta API
