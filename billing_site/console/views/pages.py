"""Home, search, health."""

from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from billing_site.console.home import live_jobs, what_waits_for
from billing_site.console.latest import latest_for
from billing_site.console.search import find_anything
from billing_site.console.views.jobs import panel_of
from billing_site.core import clock
from billing_site.identity.http import StaffRequest
from billing_site.web.search import hit_count
from billing_site.web.views import ANY_STAFF, StaffPage

UNAVAILABLE = 503


class Home(StaffPage):
    """What waits for me."""

    permission = ANY_STAFF
    title = _("What waits for you")
    template_name = "console/home.html"

    def get(self, request: StaffRequest) -> HttpResponseBase:
        """Show it."""
        may_see_jobs = request.user.may("console.view_jobs")
        panels = [panel_of(job, person=request.user) for job in live_jobs()] if may_see_jobs else []
        return self.show(
            {"waiting": what_waits_for(request.user), "latest": latest_for(request.user), "panels": panels}
        )


class Search(StaffPage):
    """One box: a full page, or the list under the box while a person types. An exact hit opens at once."""

    permission = "console.search"
    title = _("Search")
    template_name = "console/search.html"

    def get(self, request: StaffRequest) -> HttpResponseBase:
        """Find it."""
        text = request.GET.get("q", "").replace("\0", "")[:200]
        found = find_anything(text=text, person=request.user, at=clock.now())
        context = {"groups": found.groups, "hit_count": hit_count(found.groups), "query": text}
        if request.htmx:
            return render(request, "components/search_options.html", context)
        return redirect(found.exact_url) if found.exact_url else self.show(context)


@login_not_required
@require_safe
def show_health(request: HttpRequest) -> HttpResponse:
    """Say to a load balancer whether this process reaches its database; nothing else is told to strangers."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return HttpResponse("unavailable", content_type="text/plain", status=UNAVAILABLE)
    return HttpResponse("ok", content_type="text/plain")
