"""What the frame of the subscriber's pages needs where no view of theirs answers: nothing found, a form too old."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse

from billing_site.portal.http import PREFIX


def own_frame(request: HttpRequest) -> dict[str, Any]:
    """Return the frame of the subscriber's pages under ``/my/``, nothing elsewhere."""
    if not request.path_info.startswith(PREFIX):
        return {}
    session = getattr(request, "portal_session", None)
    return {
        "frame": "portal/base.html",
        "home_url": reverse("my:home"),
        "login": session.login if session else None,
        "help_phone": settings.SALDO_HELP_PHONE,
    }
