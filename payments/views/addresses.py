"""Addresses of pages above this app."""

from billing_site.web.addresses import url_or_empty


def address_of_bill(invoice_id: int) -> str:
    """Return the address of a bill; nothing where it is not routed."""
    return url_or_empty("invoicing:invoice", invoice_id)
