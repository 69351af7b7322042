"""``manage.py compile_catalogues``: make the files that Django reads from the .po files."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from billing_site.web.catalogues import LANGUAGES, compile_language


class Command(BaseCommand):
    """Compiles every language; needs no gettext programs."""

    help = "Compile billing_site/locale/<language>/*.po into LC_MESSAGES/django.mo."

    def handle(self, *args: Any, **options: Any) -> None:
        """Compile and count."""
        locale_root = Path(settings.LOCALE_PATHS[0])
        for language in LANGUAGES:
            self.stdout.write(f"{language}: {compile_language(locale_root, language)} texts")
