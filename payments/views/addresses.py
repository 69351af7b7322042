"""Addresses of pages above this app."""

from django.urls import NoReverseMatch, reverse


def address_of_account(account_id: int) -> str:
    """Return the address of an account's card; nothing where it is not routed."""
    try:
        return reverse("console:account", args=[account_id])
    except NoReverseMatch:
        return ""


def address_of_bill(invoice_id: int) -> str:
    """Return the address of a bill; nothing where it is not routed."""
    try:
        return reverse("invoicing:invoice", args=[invoice_id])
    except NoReverseMatch:
        return ""
