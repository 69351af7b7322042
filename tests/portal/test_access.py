"""
Neither side's session opens the other's pages; nobody's own pages show a neighbour's things (3g 1, invariant 36).

The addresses come from the router, so a page that is added is tried without being named here.
"""

from dataclasses import replace
from datetime import date

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from billing_site.audit.models import AuditEntry
from billing_site.identity.models import User
from billing_site.identity.roles import Role
from invoicing.models import Invoice
from tests.cast import Person
from tests.console.test_access import ADDRESSES, OPEN
from tests.factories.identity import make_staff
from tests.factories.invoicing import calculate
from tests.portal.things import ANYBODYS, Things, make_things, own_patterns, url_of

PATTERNS = sorted(own_patterns(), key=lambda one: str(one.name))
CLOSED = [one for one in PATTERNS if one.name not in ANYBODYS]
WITH_IDS = [one for one in CLOSED if one.pattern.converters]


@pytest.fixture
def things(ani: Person, bill: Invoice, ani_in: Client) -> Things:
    return make_things(ani, bill)


def is_door(response) -> bool:
    return bool(response.status_code == 302) and response.headers["Location"].startswith(reverse("my:sign-in"))


def test_own_things_are_shown(ani_in: Client, things: Things):
    """Else the refusals below would prove nothing."""
    found = {str(one.name): ani_in.get(url_of(one, things)).status_code for one in CLOSED}

    assert {name: status for name, status in found.items() if status not in {200, 409}} == {}
    assert found["download-call-file"] == 409  # no worker has made it


@pytest.mark.parametrize("method", ["get", "post"])
def test_neighbours_things_are_not_there(najla_in: Client, things: Things, method: str):
    """002-01: every id of every address is tried with another subscriber's session."""
    before = AuditEntry.objects.count()
    statuses = {str(one.name): getattr(najla_in, method)(url_of(one, things)).status_code for one in WITH_IDS}

    wrong = {
        name: status for name, status in statuses.items() if status not in ({404} if method == "get" else {404, 405})
    }
    assert wrong == {}
    assert AuditEntry.objects.count() == before


@pytest.mark.parametrize(
    "name", [one for one in Things.__dataclass_fields__ if one not in {"link", "token", "bill_token", "reference"}]
)
def test_ids_of_nobody_are_not_there(ani_in: Client, things: Things, name: str):
    missing = replace(things, **{name: 987654})  # type: ignore[arg-type]  # by the name of a field
    found = [one for one in WITH_IDS if name in one.pattern.converters]

    assert [one.name for one in found if ani_in.get(url_of(one, missing)).status_code != 404] == []
    if name == "n":
        missing = replace(things, n=32000)
        assert ani_in.get(reverse("my:explain-line", args=[missing.invoice_id, missing.n])).status_code == 404


def test_what_is_not_there_is_said_in_the_subscribers_own_frame(ani_in: Client):
    page = ani_in.get("/my/nothing-here/")

    assert (page.status_code, b'class="own-nav"' in page.content) == (404, True)
    assert reverse("my:sign-out").encode() in page.content
    assert b"Shift+F1" not in page.content
    assert b"own-nav" not in ani_in.get("/nothing-here/").content


def test_draft_is_not_a_bill_yet(ani: Person, ani_in: Client, bill: Invoice, things: Things):
    calculate(ani.account.cycle, issued_on=date(2026, 4, 1), due_on=date(2026, 4, 21))
    draft = Invoice.objects.get(account_id=ani.account.pk, state="DRAFT")

    assert ani_in.get(reverse("my:bill", args=[draft.pk])).status_code == 404
    assert ani_in.get(reverse("my:bill-pdf", args=[draft.pk])).status_code == 404


@pytest.mark.parametrize("method", ["get", "post"])
def test_strangers_are_led_to_the_subscribers_door(things: Things, method: str):
    client = Client()

    assert [one.name for one in CLOSED if not is_door(getattr(client, method)(url_of(one, things)))] == []


@pytest.mark.parametrize("role", Role.values)
def test_staff_session_opens_no_page_of_a_subscriber(things: Things, role: str):
    client = Client()
    client.force_login(make_staff(Role(role), username=f"staff-{role.lower()}"))

    assert [one.name for one in CLOSED if not is_door(client.get(url_of(one, things)))] == []


@pytest.mark.parametrize("method", ["get", "post"])
def test_subscribers_session_opens_no_page_of_staff(ani_in: Client, method: str):
    """A subscriber is a stranger to every page for staff: the door of staff is where he ends."""
    doors = {}
    for address in ADDRESSES:
        if address.name in OPEN:
            continue
        response = getattr(ani_in, method)(address.url)
        door = response.headers.get("Location", "").startswith(reverse("identity:sign-in"))
        doors[address.name] = response.status_code == 302 and door

    assert [name for name, is_shut in doors.items() if not is_shut] == []
    assert ani_in.get("/admin/").status_code == 302


def test_tokens_of_one_side_mean_nothing_as_the_others(ani_in: Client, ani: Person, specialist: User):
    token = ani_in.cookies[settings.SALDO_PORTAL_COOKIE].value
    staff = Client()
    staff.force_login(specialist)
    session = staff.cookies[settings.SESSION_COOKIE_NAME].value

    as_staff, as_subscriber = Client(), Client()
    as_staff.cookies[settings.SESSION_COOKIE_NAME] = token
    as_subscriber.cookies[settings.SALDO_PORTAL_COOKIE] = session
    assert as_staff.get("/", follow=False).headers["Location"].startswith(reverse("identity:sign-in"))
    assert is_door(as_subscriber.get(reverse("my:home")))


def test_browser_of_both_is_a_subscriber_on_his_pages_alone(ani_in: Client, ani: Person, specialist: User):
    """What is done there carries the subscriber's name, not that of the member of staff."""
    ani_in.force_login(specialist)
    ani_in.post(reverse("my:set-limit", args=[ani.account.pk]), {"amount": "5000"})

    act = AuditEntry.objects.filter(action="rating.set_usage_limit").get()
    assert (act.actor, act.actor_name) == (None, "Գրիգորյան Անի Հայկի (own pages)")
    assert ani_in.get("/").status_code == 200
