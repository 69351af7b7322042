"""Writing the book of acts."""

from typing import Any

from django.db import models

from billing_site.audit.models import AuditEntry
from billing_site.db.transactions import transaction_required
from billing_site.identity.models import User

# Acts of the system itself (beat, workers) carry this name.
SYSTEM = "system"


@transaction_required
def record(action: str, *, actor: User | None, subject: models.Model, changes: dict[str, Any] | None = None) -> None:
    """
    Write one act in the operation's transaction.

    ``action`` is the verb (``invoicing.post_invoice``); ``actor`` is ``None`` for the system itself;
    ``changes`` holds what a reader needs, as plain JSON (before and after, amounts as text).
    """
    AuditEntry.objects.create(
        actor=actor,
        actor_name=str(actor) if actor is not None else SYSTEM,
        action=action,
        subject_type=subject._meta.label_lower,  # noqa: SLF001 - Django's documented Meta API
        subject_id=str(subject.pk),
        changes=changes or {},
    )
