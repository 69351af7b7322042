"""``manage.py create_staff``: a person who works here; above all the first one."""

import sys
from argparse import ArgumentParser
from getpass import getpass
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management.base import CommandError

from billing_site.core.errors import BillingError
from billing_site.identity.models import ServiceCentre, User
from billing_site.identity.roles import Role
from billing_site.identity.staff import check_staff, create_staff
from billing_site.jobs.commands import REFUSED, WRONG_USE, HouseCommand


class Command(HouseCommand):
    """Exit code 0 done, 2 wrong use, 4 refused."""

    help = """examples:
  python3 manage.py create_staff nazik --name "Nazik Petrosyan" --role ADMINISTRATOR
  python3 manage.py create_staff arpine --name "Arpine Hakobyan" --role CLERK --centre C10-1 --language hy
  python3 manage.py create_staff nazik --name "Nazik Petrosyan" --role ADMINISTRATOR --dry-run --json

Creates a person who works here. Of a new installation the first one is an administrator, who makes the others on the
pages of the administration. The password is asked for, twice; where no terminal is, it is the first line of what is
piped in. In production the person sets an authenticator up when signing in for the first time."""

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the person."""
        parser.add_argument("username", help="the name to sign in with")
        parser.add_argument("--name", required=True, help="the person's full name")
        parser.add_argument("--role", required=True, choices=Role.values, help="what the person may do")
        parser.add_argument(
            "--centre", default="", metavar="CODE", help="the service centre, for clerks and supervisors"
        )
        parser.add_argument(
            "--language", default=settings.LANGUAGE_CODE, choices=[code for code, _ in settings.LANGUAGES]
        )
        parser.add_argument("--dry-run", action="store_true", help="say whether it would be refused; write nothing")
        parser.add_argument("--json", action="store_true", dest="as_json", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        """Ask for the password, then create the person."""
        self._check_username(options["username"])
        person = {
            "username": options["username"],
            "full_name": options["name"],
            "role": options["role"],
            "centre_id": _centre_id(options["centre"]),
        }
        try:
            check_staff(**person, password=None)  # who is refused anyway is asked for no password
            if not options["dry_run"]:
                create_staff(**person, language=options["language"], password=_read_password())
        except BillingError as error:
            raise CommandError(str(error.message), returncode=REFUSED) from error
        self._say(options)

    def _check_username(self, username: str) -> None:
        try:
            User._meta.get_field("username").clean(username, None)  # noqa: SLF001 - Django's own way to a field
        except ValidationError as error:
            message = f"“{username}” is no name to sign in with: {' '.join(error.messages)}"
            raise CommandError(message, returncode=WRONG_USE) from error

    def _say(self, options: dict[str, Any]) -> None:
        if options["as_json"]:
            self.print_json({"username": options["username"], "role": options["role"], "dry_run": options["dry_run"]})
            return
        verb = "would be" if options["dry_run"] else "is"
        self.stdout.write(f"{options['username']} {verb} here as {options['role']}.")


def _centre_id(code: str) -> int | None:
    if not code:
        return None
    found = ServiceCentre.objects.filter(code=code).values_list("pk", flat=True).first()
    if found is None:
        codes = ", ".join(ServiceCentre.objects.order_by("code").values_list("code", flat=True)) or "none exists yet"
        raise CommandError(f"There is no service centre {code}. Give --centre one of: {codes}.", returncode=WRONG_USE)
    return found


def _read_password() -> str:
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\n")
    password = getpass("Password: ")
    if getpass("The same again: ") != password:
        raise CommandError("The two passwords differ. Type the same command again.", returncode=WRONG_USE)
    return password
