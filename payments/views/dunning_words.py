"""The words of dunning that people read, and its picture."""

from collections.abc import Sequence

from django.conf import settings
from django.utils.translation import gettext as __, gettext_lazy as _

from billing_site.web.formatting import format_minor, format_number
from billing_site.web.plots import Bar, Plot, bars
from billing_site.web.wrapping import current_language
from payments.domain.dunning import Obstacle
from payments.queries.dunning import BoardRow
from subscribers.queries.words import CATEGORIES

OBSTACLES = {
    Obstacle.NOTHING_OVERDUE: _("Nothing is overdue."),
    Obstacle.NO_POLICY: _("No dunning policy holds for the account."),
    Obstacle.BELOW_MINIMUM: _("The debt is too small for dunning."),
    Obstacle.KEY_ACCOUNT: _("Key accounts are left alone."),
    Obstacle.LEFT_OUT: _("The account is left out of dunning."),
    Obstacle.PROMISED: _("A promise to pay is open."),
    Obstacle.NOT_YET: _("It is not time for the next step yet."),
    Obstacle.LADDER_ENDED: _("Every step of the ladder is taken."),
}
EVERYBODY = _("Every category")

assert set(OBSTACLES) == set(Obstacle), "every obstacle has its sentence"


def category_label(category: str) -> str:
    """Return the word of a policy's category."""
    return str(CATEGORIES.get(category, EVERYBODY))


def picture_of_ladder(rows: Sequence[BoardRow]) -> Plot:
    """Return the ladder as bars of accounts, with the sentence that says them."""
    language = current_language()
    money = format_minor(sum(row.overdue_minor for row in rows), currency=settings.SALDO_CURRENCY, language=language)
    words = {
        "count": format_number(sum(row.case_count for row in rows), language=language),
        "money": f"{money} {settings.SALDO_CURRENCY}",
    }
    return bars(
        title=__("The ladder"),
        sentence=__("%(count)s debts of %(money)s in all are being dunned; each stands at its last step.") % words,
        points=[Bar(label=f"{row.policy_code} {row.step.n}", value=row.case_count) for row in rows],
        column=__("Debts"),
    )
