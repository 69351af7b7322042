"""The request of a signed-in person, typed."""

from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails

from billing_site.identity.models import User


class StaffRequest(HttpRequest):
    """A request whose user is a member of staff: pages are closed to everybody else."""

    user: User
    htmx: HtmxDetails
