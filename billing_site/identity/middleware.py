"""The second step: required of everybody in production mode, elsewhere of those who have set it up."""

from collections.abc import Callable
from typing import cast

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse

OPEN_NAMES = ("identity:sign-in", "identity:sign-out", "identity:second-factor", "set_language")
# Set at sign-in for a person who has an authenticator: no query on each page.
SECOND_STEP_DUE = "identity_second_step_due"


class SecondFactorMiddleware:
    """Sends a person who has only given a password to the second step."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        """Keep the next layer."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Let a verified person through."""
        is_open = request.path in {reverse(name) for name in OPEN_NAMES}
        if not is_open and request.user.is_authenticated and self._is_due(request):
            return redirect("identity:second-factor")
        return self.get_response(request)

    def _is_due(self, request: HttpRequest) -> bool:
        if cast("Callable[[], bool]", getattr(request.user, "is_verified", bool))():
            return False
        return settings.SALDO_SECOND_FACTOR_REQUIRED or bool(request.session.get(SECOND_STEP_DUE))
