"""The signs that the editor explains are the signs that its tables read; every kind of price is typed on the page."""

from datetime import date

import pytest
from django.urls import reverse

from tariffs.domain.rate_cells import read_steps
from tariffs.forms.legend import PRICES
from tariffs.models import Allowance, PlanVersion, Rate
from tariffs.operations.draft_grids import RATE_FIELDS
from tariffs.operations.zones import create_zone
from tests.factories.tariffs import make_draft, make_plan, make_zone, publish
from tests.web.wrapped import assert_numbers_wrapped

pytestmark = pytest.mark.django_db
FIELDS = [column.key for column in RATE_FIELDS]


def line(zone: str, price: str, **fields: object) -> str:
    """Return a line of the table of prices of use: zone, price, lengths left out, then the fields that are named."""
    return "\t".join([zone, price, "", "", *(str(fields.get(name, "")) for name in FIELDS)]).rstrip()


LINES = (
    line("LOCAL", "5; 2.5@180", connect_fee=1, minimum_charge=2, maximum_charge=90, cap_policy="DISCONNECT"),
    line("LOCAL", "4", category="STATE", surcharge_after_units=600, surcharge_amount=3),
    line("FAR", "3/1+0<1000; 2/1+0@1000", unit="BYTES", model="GRADUATED", scope="PERIOD", counter_code="D"),
    line("FAR", "0<1000=20; 1/1@1000", unit="EVENTS", model="VOLUME"),
    line("SEA", "100/10+10", unit="EVENTS", model="PACKAGE", free_units=10),
    line("SEA", "0%2.5", unit="MONEY", model="PERCENTAGE", scope="PERIOD", free_events=2),
    line("QUIZ", "0<1000%1; 0@1000%0.5", unit="MONEY", model="GRADUATED_PERCENTAGE"),
    line("QUIZ", "7/10<10; 5/10@20<30", model="TIERS"),
    line("FRIENDS", "1"),
    line("TEAM", "0"),
)
ALLOWANCES = (
    "MIN\tSECONDS\t3600\tLOCAL, FAR\t1\tYES\t2026-04-01\t2027-04-01\tYES\t1800\tMinutes\tՐոպե\tМинуты\t分钟\tدقائق",
    "SMS\tEVENTS\t100\t\t2",
    "WEB\tBYTES\t1000000\tFAR\t3",
    "SUM\tMONEY\t12.50\t\t4\tYES\t\t\tYES\t2.5",
)


@pytest.fixture
def draft(client, specialist) -> PlanVersion:
    client.force_login(specialist)
    for code in ("LOCAL", "FAR", "SEA", "QUIZ"):
        make_zone(code=code)
    for code, relation in (("FRIENDS", "FAVOURITE"), ("TEAM", "GROUP")):
        create_zone(code=code, names={"en": code}, usage_category_code="LOCAL", relation=relation, actor=None)
    return make_draft(plan=make_plan(code="ALL"), valid_from=date(2026, 4, 1), maker=specialist)


def test_every_charge_model_allowance_and_relation_is_typed_saved_shown_and_kept(client, specialist, draft):
    """004-14: tiers, graduated, volume, package, percentage, cap, minimum, favourites, groups, pools, roll-over."""
    values = {
        "seen_revision": 0, "shown_windows": "", "valid_from": "2026-04-01", "window_scheme": draft.window_scheme_id,
        "currency": "AMD", "rounding_mode": "HALF_UP", "rounding_places": 2, "favourite_count": 3,
        "prices": "FEE-FIXED\t900", "rates": "\n".join(LINES), "allowances": "\n".join(ALLOWANCES),
    }  # fmt: skip
    edit = reverse("tariffs:edit-plan-version", args=[draft.pk])

    answer = client.post(edit, values)

    assert answer.status_code == 302, answer.content.decode()
    shown = client.get(edit).context["form"].initial
    draft.refresh_from_db()
    again = {**values, "seen_revision": draft.revision, "rates": shown["rates"], "allowances": shown["allowances"]}
    before = written(draft)
    assert client.post(edit, again).status_code == 302
    assert written(draft) == before
    assert set(Rate.objects.filter(plan_version=draft).values_list("model", flat=True)) == set(Rate.Model.values)
    pages = [client.get(reverse(f"tariffs:{name}", args=[draft.pk])).content.decode()
             for name in ("edit-plan-version", "plan-version", "plan-version-rates")]  # fmt: skip
    for page in pages:
        assert_numbers_wrapped(page)
    assert "12.50" in pages[1]
    assert "Favourite numbers that a subscriber may name" in pages[1]
    assert "The call ends there" in pages[2]
    publish(PlanVersion.objects.get(pk=draft.pk))


def written(draft: PlanVersion) -> list[tuple[object, ...]]:
    """Return all that a draft says of use, by its codes."""
    rates = Rate.objects.filter(plan_version=draft)
    steps = rates.order_by("code", "steps__from_units").values_list(
        "code", *FIELDS, "steps__price", "steps__per_units", "steps__increment_units", "steps__from_units",
        "steps__up_to_units", "steps__flat_fee", "steps__percent",
    )  # fmt: skip
    held = Allowance.objects.filter(plan_version=draft).order_by("code", "zones__code").values_list(
        "code", "names", "unit", "quantity", "zones__code", "shared_by_account", "valid_from", "rolls_over",
        "rollover_limit",
    )  # fmt: skip
    return [*steps, *held]


@pytest.mark.parametrize("example", PRICES)
def test_price_that_is_explained_can_be_typed(example):
    assert read_steps(example)[0].start == 0
