"""Why a line costs what it costs, on a sheet that a clerk prints for the customer."""

from django.template.loader import render_to_string
from django.utils import translation

from billing_site.documents.pdf import renderer
from invoicing.operations.invoice_papers import RIGHT_TO_LEFT
from invoicing.queries.line_explanations import LineExplanation

SHEET = "documents/line_sheet.html"


def sheet_html(*, explanation: LineExplanation) -> str:
    """Return the sheet of a line in the language of its explanation."""
    with translation.override(explanation.language):
        direction = "rtl" if explanation.language in RIGHT_TO_LEFT else "ltr"
        return render_to_string(SHEET, {"explanation": explanation, "direction": direction})


def make_line_sheet(*, explanation: LineExplanation) -> bytes:
    """Return the sheet of a line as PDF; nothing is kept."""
    content, _pages = renderer().render(html=sheet_html(explanation=explanation))
    return content
