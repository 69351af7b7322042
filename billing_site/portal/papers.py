"""Papers of the subscriber's own pages."""

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import translation

from billing_site.portal.models import NoDebtCertificate

RIGHT_TO_LEFT = frozenset({"ar"})


def certificate_html(certificate: NoDebtCertificate) -> str:
    """Return the page of a certificate in its language, from its frozen row alone."""
    with translation.override(certificate.language):
        direction = "rtl" if certificate.language in RIGHT_TO_LEFT else "ltr"
        values = {"certificate": certificate, "direction": direction, "operator": settings.SALDO_OPERATOR_NAME}
        return render_to_string("documents/no_debt_certificate.html", values)
