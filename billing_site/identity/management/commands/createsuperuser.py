"""``manage.py createsuperuser``: known from Django, and answered with what to type here."""

from typing import Any

from django.core.management.base import CommandError

from billing_site.jobs.commands import REFUSED, HouseCommand


class Command(HouseCommand):
    """Exit code 4: refused."""

    help = """examples:
  python3 manage.py create_staff nazik --name "Nazik Petrosyan" --role ADMINISTRATOR

Nobody stands above the roles here, so there is no superuser to create: every right comes from a role, and the one who
keeps people and reference data is the administrator."""

    def handle(self, *args: Any, **options: Any) -> None:
        """Refuse, and name the command that makes the first person."""
        message = f"There is no superuser here: every right comes from a role.\nType instead: {self.example}"
        raise CommandError(message, returncode=REFUSED)
