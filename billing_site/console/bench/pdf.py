"""
How long an invoice's PDF takes, beside the same HTML rendered by bare calls of the library, as warm as ours.

Ours is the whole way: from the frozen values through the template to the bytes. No database is needed.
"""

import gc
import operator
import resource
import statistics
import time
from collections.abc import Callable, Sequence
from datetime import date
from functools import partial
from typing import Any

from billing_site.core.checkdigits import with_check_digit
from billing_site.documents.pdf import STYLE, read_bundled
from invoicing.operations.invoice_papers import make_pdf, paper_html
from invoicing.queries.operators import operator_facts
from invoicing.queries.paper_history import MonthBar, PaperChange, ServiceSum
from invoicing.queries.paper_lines import PaperGroup, PaperLine
from invoicing.queries.paper_taxes import PaperTax
from invoicing.queries.paper_uses import PaperUse
from invoicing.queries.papers import Paper

DOCUMENTS = 20
LANGUAGES = ("en", "hy", "ru", "zh-hans", "ar")
NAMES = {
    "en": ("Mary O'Neil-Brown", "14 Mill Lane, Harborough Vale", "Local calls"),
    "hy": ("Գրիգորյան Անի Հայկի", "ք. Արևաբերդ, Մաշտոցի պող. 12/3, բն. 45", "Տեղական զանգեր"),
    "ru": ("Иванова Мария Сергеевна", "г. Речногорск, ул. Садовая, д. 14, корп. 2, кв. 37", "Местные вызовы"),
    "zh-hans": ("欧阳建国", "云川市滨江区人民路88号3栋2单元501室", "本地通话"),
    "ar": ("نجلاء الحلبي", "مدينة النخيل، حي الزهراء، شارع الفرات، بناء 7، طابق 3", "مكالمات محلية"),
}
LINES = 10
KIB_PER_MIB = 1024


def measure_pdf(*, documents: int = DOCUMENTS) -> dict[str, Any]:
    """
    Render invoices of all five languages in turn, both ways, after one of each language to warm up.

    :returns: ``ratio`` (ours over the bare call, page by page: the median), ``rows_per_second`` (documents),
        ``peak_mb``, ``phases`` in seconds of the processor: a busy machine is nobody's fault
    """
    papers = [sample_paper(language=LANGUAGES[n % len(LANGUAGES)]) for n in range(max(documents, len(LANGUAGES)))]
    pages = [paper_html(paper=paper) for paper in papers]
    library = _Bare()
    for paper, page in zip(papers[: len(LANGUAGES)], pages, strict=False):
        make_pdf(paper=paper)
        library.render(page)
    ours: list[float] = []
    bare: list[float] = []
    for paper, page in zip(papers, pages, strict=True):
        ours.append(_timed(partial(make_pdf, paper=paper)))
        bare.append(_timed(partial(library.render, page)))
    return {
        "ratio": statistics.median(map(operator.truediv, ours, bare)),
        "rows_per_second": len(ours) / sum(ours),
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // KIB_PER_MIB,
        "phases": {"ours": sum(ours), "bare": sum(bare), "template": _template_seconds(papers)},
        "documents": len(ours),
    }


def sample_paper(*, language: str) -> Paper:
    """Return an invoice of ten lines for two numbers, in a language."""
    name, address, item = NAMES[language]
    groups = [_group(service, item, start) for service, start in (("99910200000", 1), ("99990000001", 6))]
    net = sum(group.net_minor for group in groups)
    return Paper(
        invoice_id=1,
        number="INV-2026-000001",
        state="POSTED",
        language=language,
        operator="Meridian",
        account=with_check_digit("10000001"),
        account_id=1,
        name=name,
        address=address,
        tax_id="",
        currency="AMD",
        currency_digits=0,
        first_on=date(2026, 2, 1),
        last_on=date(2026, 2, 28),
        issued_on=date(2026, 3, 1),
        due_on=date(2026, 3, 23),
        previous_minor=5400,
        payments_minor=-5400,
        corrections_minor=0,
        net_minor=net,
        tax_minor=net // 5,
        gross_minor=net + net // 5,
        to_pay_minor=net + net // 5,
        services=[ServiceSum(kind="FIXED", gross_minor=net + net // 5, before_minor=5400)],
        groups=groups,
        taxes=[PaperTax(name="20", percent="20", net_minor=net, tax_minor=net // 5)],
        changes=[
            PaperChange(wording="MORE_MINUTES", cause="USAGE", name=item, amount_minor=2800, minutes=14, things=1),
            PaperChange(wording="FEWER_MINUTES", cause="USAGE", name=item, amount_minor=-600, minutes=1, things=1),
            PaperChange(
                wording="REST", cause="", name="", amount_minor=net + net // 5 - 5400 - 2200, minutes=0, things=3
            ),
        ],
        difference_minor=net + net // 5 - 5400,
        months=_months(net + net // 5),
        uses=[PaperUse(name=item, service="99910200000", unit="SECONDS", used=12_345, whole=30_000)],
        seller=operator_facts()["seller"],
    )


def _months(gross: int) -> list[MonthBar]:
    """Return thirteen bills that end with this one."""
    return [
        MonthBar(
            first_on=date(2025 + (n > 0), n or 12, 1) if n >= 0 else date(2025, 12 + n, 1),
            gross_minor=gross - 900 * (2 - n),
            height=40 - 2 * (2 - n),
            is_this=n == 2,
        )
        for n in range(-10, 3)
    ]


def _group(service: str, item: str, start: int) -> PaperGroup:
    lines = [_line(n, item) for n in range(start, start + LINES // 2)]
    return PaperGroup(service=service, lines=lines, net_minor=sum(line.net_minor for line in lines), folded_count=1)


def _line(n: int, item: str) -> PaperLine:
    return PaperLine(
        n=n,
        kind="USAGE",
        name=item,
        plan="",
        first_on=date(2026, 2, 1),
        last_on=date(2026, 2, 28),
        quantity=613 + n,
        unit_price_micro=None,
        net_minor=500 * n,
        tax_minor=100 * n,
        gross_minor=600 * n,
        tax_percent="20",
        is_late=False,
        is_correction=False,
        days=None,
        of_days=None,
        records=7 * n,
        charged_units=660,
        allowance_units=0,
        exact_micro=500_000_000 * n,
        subscription_id=1,
        bill_item_id=1,
    )


class _Bare:
    """What anybody would do who renders many pages: the library, its fonts found and the style sheet parsed once."""

    def __init__(self) -> None:
        # Late, as everywhere: the library brings Pango and takes a second.
        import weasyprint  # noqa: PLC0415
        from weasyprint.text.fonts import FontConfiguration  # noqa: PLC0415

        self._library, self._fonts = weasyprint, FontConfiguration()
        self._style = weasyprint.CSS(string=read_bundled(STYLE), font_config=self._fonts)

    def render(self, page: str) -> None:
        """Render a page."""
        self._library.HTML(string=page).write_pdf(stylesheets=[self._style], font_config=self._fonts)


def _timed(work: Callable[[], object]) -> float:
    """Time a page from a swept heap: else the sweep of the one way falls now on itself, now on the other."""
    gc.collect()
    begun = time.process_time()
    work()
    return time.process_time() - begun


def _template_seconds(papers: Sequence[Paper]) -> float:
    return _timed(lambda: [paper_html(paper=paper) for paper in papers])
