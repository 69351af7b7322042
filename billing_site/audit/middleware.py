"""Tells the database's triggers who is acting."""

from collections.abc import Callable

from django.db import connection
from django.http import HttpRequest, HttpResponse, HttpResponseBase

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})


class ActorMiddleware:
    """Names the signed-in person to the session of the database while a request may write."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        """Keep the next layer."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Set the name before, clear it after."""
        if request.method in SAFE_METHODS or not request.user.is_authenticated:
            return self.get_response(request)
        name_actor(request.user.get_username())
        try:
            return self.get_response(request)
        finally:
            name_actor("")


def name_actor(name: str) -> None:
    """Set the name that row history writes beside the changes of this connection."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('saldo.actor', %s, false)", [name])
