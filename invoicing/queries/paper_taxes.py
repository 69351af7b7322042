"""The taxes of a bill, by category and rate, as its paper says them."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from billing_site.core.names import name_in
from invoicing.models import Invoice, InvoiceTax


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperTax:
    """
    The tax of a category and rate; ``certificate`` is the number of the paper by which the account is exempted, where
    the category stands in the place of another.
    """

    name: str
    percent: str
    net_minor: int
    tax_minor: int
    certificate: str = ""


def paper_taxes(*, invoice: Invoice, reference: Mapping[str, Any], language: str) -> tuple[PaperTax, ...]:
    """Return the taxes of a bill by category and rate, with the words of a language."""
    certificates = {one["instead"]: one["certificate"] for one in invoice.frozen.get("exemptions", ())}
    rows = InvoiceTax.objects.filter(invoice_id=invoice.pk).order_by("tax_category_id", "tax_percent")
    return tuple(
        PaperTax(
            name=name_in(reference["tax_categories"][str(row.tax_category_id)]["names"], language),
            percent=written_percent(row.tax_percent),
            net_minor=row.net_minor,
            tax_minor=row.tax_minor,
            certificate=certificates.get(row.tax_category_id, ""),
        )
        for row in rows
    )


def written_percent(percent: Decimal) -> str:
    """Return a percentage without zeros at its end."""
    text = f"{percent:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
