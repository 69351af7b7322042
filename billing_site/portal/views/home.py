"""Where a subscriber begins: what he owes, by when, his accounts, his last bills, his use, what we told him."""

from django.http import HttpResponse
from django.utils.translation import gettext_lazy as _

from billing_site.core import clock
from billing_site.portal.access import own_accounts
from billing_site.portal.http import PortalRequest
from billing_site.portal.queries.homes import get_own_home
from billing_site.portal.views.base import PortalPage, page_language
from billing_site.portal.views.sentences import notice_sentence


class Home(PortalPage):
    """The start page."""

    title = _("My accounts")
    template_name = "portal/home.html"
    section = "home"

    def get(self, request: PortalRequest) -> HttpResponse:
        """Show it."""
        home = get_own_home(accounts=list(own_accounts(self.login)), at=clock.now(), today=clock.today())
        language = page_language()
        notices = [(notice, notice_sentence(notice, language)) for notice in home.notices]
        return self.show({"home": home, "notices": notices})
