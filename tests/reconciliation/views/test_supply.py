"""The pages of the supply division and of the centres' sales."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from billing_site.identity.roles import Role
from reconciliation.models import SupplyItem
from tests.factories.identity import make_centre, make_staff
from tests.reports.recomputing import open_book
from tests.web.wrapped import bare_numbers

pytestmark = pytest.mark.django_db
BASE = "/reconciliation/supply/"
PAGES = (BASE, f"{BASE}numbers/", "/reconciliation/sales/", "/reconciliation/sales/faults/")
SHEET = """day;centre;item;move;first;last;quantity;price
2026-03-04;HALL-1;SIM;ISSUED;001;009;;
2026-03-04;HALL-1;SIM;SOLD;001;001;;900
2026-03-04;HALL-1;SIM;COUNTED;003;009;;
2026-03-04;HALL-2;SIM;ISSUED;011;012;;
"""


@pytest.fixture
def halls(settings, tmp_path):
    settings.SALDO_FILES_ROOT = tmp_path
    return [make_centre(code=code) for code in ("HALL-1", "HALL-2")]


@pytest.fixture
def signed_in(client, halls):
    def sign_in(role, **more):
        client.force_login(make_staff(role, **more), backend="billing_site.identity.backends.RoleBackend")
        return client

    return sign_in


def fill(client):
    item = {"code": "SIM", "name_en": "SIM card", "kind": "SIM", "has_numbers": "on", "price": "1000"}
    added = client.post(f"{BASE}items/add/", {**item, "valid_from": "2026-01-01"}, follow=True)
    sent = SimpleUploadedFile("hall.csv", SHEET.encode())
    return added, client.post(f"{BASE}load/", {"sheet": sent}, follow=True)


def rows_of(client, page, day="2026-03-04", **more):
    return client.get(page, {"day": day, **more}).context["page"].rows


def test_sheet_is_loaded_and_the_day_read_on_four_pages(signed_in, halls):
    client = signed_in(Role.BILLING_SPECIALIST)

    added, loaded = fill(client)

    assert added.redirect_chain == [(f"{BASE}items/", 302)]
    assert "Movements taken: 4." in loaded.content.decode()
    counts = [[len(rows_of(client, page)), len(rows_of(client, page, centre=halls[1].pk))] for page in PAGES]
    assert counts == [[2, 1], [1, 0], [1, 0], [1, 0]]
    assert rows_of(client, PAGES[1])[0].first == "002"
    assert rows_of(client, PAGES[3])[0].fault == "OTHER_PRICE"
    assert len(rows_of(client, PAGES[0], only_missing="on")) == 1
    for page in PAGES:
        assert bare_numbers(client.get(page, {"day": "2026-03-04"}).content.decode()) == []
        assert len(open_book(client.get(page, {"day": "2026-03-04", "export": "xlsx"}).getvalue()).worksheets) == 2


def test_price_is_set_and_a_faulty_sheet_shows_its_cells(signed_in):
    client = signed_in(Role.ACCOUNTANT)
    fill(client)
    item = SupplyItem.objects.get()
    price = {"price": "1100", "valid_from": "2026-03-05"}

    done = client.post(f"{BASE}items/{item.pk}/price/", price, follow=True)
    again = client.post(f"{BASE}items/{item.pk}/price/", price)
    faulty = client.post(f"{BASE}load/", {"sheet": SimpleUploadedFile("x.csv", b"day;centre;item;move\nx;y;z;t\n")})

    assert done.redirect_chain == [(f"{BASE}items/", 302)]
    assert (again.status_code, faulty.status_code) == (422, 422)
    assert [fault.address for fault in faulty.context["faults"]] == ["A2", "D2"]
    assert client.get(f"{BASE}items/99999/price/").status_code == 404


def test_supervisor_sees_his_own_centre_and_loads_nothing(signed_in, halls):
    fill(signed_in(Role.BILLING_SPECIALIST))

    client = signed_in(Role.CENTRE_SUPERVISOR, centre=halls[1])

    assert [line.centre for line in rows_of(client, BASE, centre=halls[0].pk)] == ["HALL-2"]
    assert [client.get(url).status_code for url in (f"{BASE}load/", f"{BASE}items/add/")] == [403, 403]
    assert signed_in(Role.CLERK, centre=halls[0]).get(BASE).status_code == 403
