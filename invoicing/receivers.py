"""What other programs tell us by signals: the events of the mail provider, whose signature anymail has checked."""

import logging
from typing import Any

from anymail.signals import AnymailTrackingEvent, tracking
from django.dispatch import receiver

from billing_site.core import clock
from invoicing.operations.mail_events import MailEvent, note_mail_event

logger = logging.getLogger(__name__)


@receiver(tracking, dispatch_uid="invoicing.mail_events")
def keep_mail_event(event: AnymailTrackingEvent, **_: Any) -> None:
    """Keep one event. Our own time counts: the provider's clock is not ours."""
    carried = event.metadata or {}
    told = MailEvent(
        kind=str(event.event_type),
        delivery_id=_key(carried.get("delivery")),
        notice_id=_key(carried.get("notice")),
        message_id=str(event.message_id or ""),
        reason=str(event.reject_reason or ""),
        detail=str(event.mta_response or event.description or ""),
    )
    if not note_mail_event(event=told, at=clock.now()):
        logger.info("An event of the mail provider changed nothing: %s", told.kind)


def _key(carried: object) -> int:
    text = str(carried)
    return int(text) if text.isdecimal() else 0
