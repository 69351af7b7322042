"""``manage.py update_catalogues [app ...]``: write the words that wait for a translation into the .po files."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from billing_site.web.catalogues import FRAGMENTS, LANGUAGES, find_words, update_language


class Command(BaseCommand):
    """Finds every text, keeps what is translated, drops what is unused."""

    help = "Write new texts into billing_site/locale/<language>/<app>.po and drop unused ones."

    def add_arguments(self, parser: CommandParser) -> None:
        """Let a person write his own app's files only."""
        parser.add_argument("apps", nargs="*", metavar="app", help="apps whose files are written (all when left out)")

    def handle(self, *args: Any, **options: Any) -> None:
        """Write the files and say what is missing."""
        apps: list[str] = options["apps"]
        unknown = sorted(set(apps) - set(FRAGMENTS))
        if unknown:
            message = f"No such app: {', '.join(unknown)}. Known: {', '.join(FRAGMENTS)}."
            raise CommandError(message)
        root, locale_root = Path(settings.BASE_DIR), Path(settings.LOCALE_PATHS[0])
        words = find_words(root)
        for language in LANGUAGES:
            missing = update_language(root, locale_root, language, only=apps, words=words)
            self.stdout.write(f"{language}: {missing} texts wait for a translation")
