"""Application configuration."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class IdentityConfig(AppConfig):
    """Who works here, where, and what they may do."""

    name = "billing_site.identity"
    verbose_name = _("Staff and places")
    label = "identity"
