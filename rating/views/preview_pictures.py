"""The picture of a preview: how the changes of accounts are spread."""

from collections.abc import Sequence

from django.utils.translation import gettext as _

from billing_site.web.formatting import format_micro, format_number
from billing_site.web.plots import Bar, Plot, bars
from billing_site.web.wrapping import current_language
from rating.queries.plan_previews import PreviewTotals, SpreadBar


def picture_of_changes(spread: Sequence[SpreadBar], totals: PreviewTotals) -> Plot:
    """Return the bars with the sentence that says them."""
    language = current_language()
    counts = {
        "dearer": format_number(totals.dearer_count, language=language),
        "cheaper": format_number(totals.cheaper_count, language=language),
        "same": format_number(totals.same_count, language=language),
    }
    sentence = (
        _(
            "%(dearer)s accounts would pay more, %(cheaper)s less, %(same)s the same. Each bar counts the accounts"
            " whose change is at least the amount below it and less than the next."
        )
        % counts
    )
    return bars(
        title=_("Change by account"),
        sentence=sentence,
        points=[Bar(label=_label(bar, language), value=bar.account_count) for bar in spread],
        column=_("Accounts"),
    )


def _label(bar: SpreadBar, language: str) -> str:
    if bar.low_micro is None:
        return "< " + format_micro(bar.high_micro or 0, language=language, min_decimals=0)
    sign = "≥ " if bar.high_micro is None else ""
    return sign + format_micro(bar.low_micro, language=language, min_decimals=0)
