"""Writing the book of acts."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from django.db import models

from billing_site.audit.models import AuditEntry
from billing_site.db.transactions import transaction_required
from billing_site.identity.models import User

# Acts of the system itself (beat, workers) carry this name.
SYSTEM = "system"
_acting: ContextVar[str] = ContextVar("acting", default="")


@contextmanager
def acting_as(name: str) -> Iterator[None]:
    """Let acts within carry the name of somebody who is not a member of staff: a subscriber on his own pages."""
    token = _acting.set(name)
    try:
        yield
    finally:
        _acting.reset(token)


@transaction_required
def record(action: str, *, actor: User | None, subject: models.Model, changes: dict[str, Any] | None = None) -> None:
    """
    Write one act in the operation's transaction.

    ``action`` is the verb (``invoicing.post_invoice``); ``actor`` is ``None`` for the system itself and for a
    subscriber, whose name comes from ``acting_as``;
    ``changes`` holds what a reader needs, as plain JSON (before and after, amounts as text).
    """
    AuditEntry.objects.create(
        actor=actor,
        actor_name=_acting.get() or (str(actor) if actor is not None else SYSTEM),
        action=action,
        subject_type=subject._meta.label_lower,  # noqa: SLF001 - Django's documented Meta API
        subject_id=str(subject.pk),
        changes=changes or {},
    )
