"""Constraint names become messages: the database is the wall, Python says what it means."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from django.db import IntegrityError

from billing_site.core.errors import BillingError


@contextmanager
def constraint_errors(errors: Mapping[str, Callable[[], BillingError]]) -> Iterator[None]:
    """
    Turn the violation of a named constraint into the refusal that explains it.

    ``errors`` maps constraint names to a function that builds the refusal. Any other violation
    passes through unchanged: it is a defect, not a refusal.
    """
    try:
        yield
    except IntegrityError as error:
        make_refusal = errors.get(violated_constraint(error))
        if make_refusal is None:
            raise
        raise make_refusal() from error


def violated_constraint(error: IntegrityError) -> str:
    """Return the name of the constraint that an integrity error speaks of, or an empty text."""
    diagnostics: Any = getattr(error.__cause__, "diag", None)
    return str(getattr(diagnostics, "constraint_name", "") or "")
