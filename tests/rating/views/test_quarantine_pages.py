"""The pages of the quarantine: what a person sees of it, and what he may do with it."""

import re
from datetime import date

import pytest
from django.urls import reverse

from billing_site.identity.roles import Role
from rating.models import LineProposal, SetAsideLine
from subscribers.models import BillCycle
from tests.factories.identity import make_centre, make_staff
from tests.factories.quarantine import ends, minute_passes
from tests.factories.rating import load_lines, make_source, rate_all
from tests.factories.subscribers import make_range
from tests.factories.tariffs import make_zone
from tests.web.wrapped import assert_numbers_wrapped

CALLED = "99910555555"
NOBODY, TOO = "99910200001", "99910200002"
LINES = (
    f"{NOBODY},{CALLED},2026-03-05 10:00:00,60",
    f"{NOBODY},{CALLED},2026-03-05 11:00:00,60",
    f"{TOO},{CALLED},2026-03-05 12:00:00,60",
)


@pytest.fixture(autouse=True)
def files_root(settings, tmp_path):
    settings.SALDO_FILES_ROOT = tmp_path / "files"


@pytest.fixture
def file(ani):
    """Three calls of two numbers of the range of Ani's centre that nobody has, and one that is unusually long."""
    make_zone(prefixes=["99910"])
    long = f"{ani.number},{CALLED},2026-03-04 10:00:00,90000"
    loaded = load_lines(make_source(), *LINES, long)
    rate_all()
    minute_passes()
    return loaded


def opened(client, person, name, *args, **query) -> str:
    client.force_login(person)
    response = client.get(reverse(f"rating:{name}", args=args), query)
    assert response.status_code == 200, response.content
    content: str = response.content.decode()
    assert_numbers_wrapped(content)
    return content


def sent(client, person, name, *args, **values) -> str:
    client.force_login(person)
    response = client.post(reverse(f"rating:{name}", args=args), values, follow=True)
    content: str = response.content.decode()
    assert_numbers_wrapped(content)
    return content


def test_list_is_filtered_by_what_it_shows(client, file, specialist, centre):
    rows = {"calling": (NOBODY, 1), "reason": ("NO_SUBSCRIBER", 2), "centre": (centre.pk, 2), "days_waiting": (0, 3)}
    for name, (value, count) in rows.items():
        assert opened(client, specialist, "quarantine", **{name: value}).count("<tr data-href") == count, name
    assert "No row fits" in opened(client, specialist, "quarantine", days_waiting=5)
    assert "No row fits" in opened(client, specialist, "quarantine", centre=make_centre().pk)


@pytest.mark.parametrize("count", [1, 3])
def test_list_asks_the_same_of_one_row_and_of_three(client, ani, specialist, count, django_assert_num_queries):
    make_zone(prefixes=["99910"])
    load_lines(make_source(), *(f"9991020000{n},{CALLED},2026-03-05 10:00:00,60" for n in range(1, count + 1)))
    rate_all()
    client.force_login(specialist)
    client.get(reverse("rating:quarantine"))
    with django_assert_num_queries(8):
        content = client.get(reverse("rating:quarantine")).content.decode()
    assert content.count("<tr data-href") == count


def test_lines_hide_what_a_clerk_may_not_see(client, file, clerk, specialist):
    """A clerk has no call records: the end of the called number and the raw line are hidden."""
    page = opened(client, clerk, "quarantine-lines", "NO_SUBSCRIBER", calling=NOBODY)
    assert page.count("XXX") == 2
    assert CALLED not in page
    assert LINES[0] in opened(client, specialist, "quarantine-lines", "NO_SUBSCRIBER", calling=NOBODY)


def test_clerk_may_look_and_not_act(client, file, clerk):
    page = opened(client, clerk, "quarantine")
    assert "waiting/recycle/" not in page
    assert "waiting/write-off/" not in page
    for name in ("recycle-lines", "propose-write-off", "propose-release"):
        assert client.get(reverse(f"rating:{name}")).status_code == 403
        assert client.post(reverse(f"rating:{name}"), {"why": "x"}).status_code == 403
    assert not LineProposal.objects.exists()


def test_marked_lines_are_what_an_action_is_about(client, file, specialist):
    """The preview says what is chosen before anything is done."""
    marked = [f"{file.pk}/1", f"{file.pk}/3"]
    page = opened(client, specialist, "recycle-lines", reason="NO_SUBSCRIBER", line=marked)
    assert re.search(r"<dt>Lines</dt><dd><bdi[^>]*>2</bdi></dd>", page)
    assert re.findall(r'name="line" value="([^"]+)"', page) == marked
    sent(client, specialist, "recycle-lines", reason="NO_SUBSCRIBER", line=marked)
    tried = SetAsideLine.objects.filter(reason="NO_SUBSCRIBER", tried_at=None)
    minute_passes()
    assert list(tried.values_list("line_number", flat=True)) == [2]


def test_marks_that_are_none_choose_nothing(client, file, specialist):
    page = sent(client, specialist, "propose-write-off", line=["everything"], why="x")
    assert "Mark the lines on the list." in page
    assert not LineProposal.objects.exists()


def test_write_off_goes_through_two_people(client, file, specialist, approver):
    page = sent(client, specialist, "propose-write-off", calling=NOBODY, why="a test of the exchange")
    proposal = LineProposal.objects.get()
    assert "a test of the exchange" in page
    assert "Another person approves it." not in page
    sent(client, specialist, "approve-write-off", proposal.pk)
    assert ends(file) == {"QUARANTINED": 4}
    assert "a test" in opened(client, approver, "line-proposals", state="PROPOSED")
    assert "2 lines" in opened(client, approver, "approve-write-off", proposal.pk).replace(
        '<bdi dir="ltr">2</bdi>', "2"
    )
    sent(client, approver, "approve-write-off", proposal.pk)
    assert ends(file) == {"QUARANTINED": 2, "WRITTEN_OFF": 2}
    assert opened(client, approver, "proposal-lines", proposal.pk).count("Written off") == 2


def test_release_goes_through_two_people(client, file, specialist, approver):
    page = sent(client, specialist, "propose-release", reason="NO_SUBSCRIBER", why="asked")
    assert "cannot be released" in page
    sent(client, specialist, "propose-release", reason="TOO_LONG", why="asked the exchange")
    proposal = LineProposal.objects.get()
    sent(client, approver, "release-lines", proposal.pk)
    minute_passes()
    assert ends(file) == {"QUARANTINED": 3, "RATED": 1}


def test_proposal_is_declined(client, file, specialist, approver):
    sent(client, specialist, "propose-write-off", why="x")
    proposal = LineProposal.objects.get()
    assert "is declined" in sent(client, approver, "decline-proposal", proposal.pk)
    assert ends(file) == {"QUARANTINED": 4}
    refused = sent(client, approver, "approve-write-off", proposal.pk)
    assert "is decided already" in refused


def test_supervisor_acts_on_the_own_centre_alone(client, file, supervisor):
    """Lines of the own numbers; one whose number cannot be read is nobody's."""
    sent(client, supervisor, "propose-write-off", why="x")
    assert LineProposal.objects.get().line_count == 3
    other = make_staff(Role.CENTRE_SUPERVISOR, username="elsewhere", centre=make_centre())
    assert "No line in quarantine fits" in sent(client, other, "propose-write-off", why="x")
    assert LineProposal.objects.count() == 1


def test_subscriber_is_entered_from_the_list(client, file, clerk, ani):
    """The number and the day of its first call are there already; the calls then rate by themselves."""
    page = opened(client, clerk, "assign-waiting-number", calling=NOBODY)
    assert f'value="{NOBODY}"' in page
    assert 'value="2026-03-05"' in page
    plan = ani.line.plans.get().plan
    values = {"number": NOBODY, "active_from": "2026-03-05", "plan": plan.pk}
    assert "no account with this number" in sent(client, clerk, "assign-waiting-number", account="1", **values)
    # The month of the calls is cut already: what the plan costs for it is on no bill by itself, and the clerk is told.
    BillCycle.objects.update(open_from=date(2026, 4, 1))
    assert "unless you enter a charge" in sent(
        client, clerk, "assign-waiting-number", account=ani.account.number, **values
    )
    minute_passes()
    assert ends(file) == {"QUARANTINED": 2, "RATED": 2}


def test_number_of_another_centre_is_not_entered(client, file, clerk, ani):
    make_range(first="99910777000", centre=make_centre())
    plan = ani.line.plans.get().plan
    values = {"number": "99910777000", "active_from": "2026-03-05", "plan": plan.pk, "account": ani.account.number}
    assert "not among the numbers" in sent(client, clerk, "assign-waiting-number", **values)
    assert ends(file) == {"QUARANTINED": 4}


def test_group_without_a_number_opens_only_its_own_lines(client, specialist, ani):
    """Lines without a calling number are a group of their own: its page and its actions are about them alone."""
    make_zone(prefixes=["99910"])
    of_nobody, to_nobody = (f"{who},2026-03-05 10:00:00,60" for who in (f",{CALLED}", f"{ani.number},"))
    load_lines(make_source(), of_nobody, to_nobody)
    rate_all()
    page = opened(client, specialist, "quarantine", reason="NUMBER_EMPTY")
    assert page.count("<tr data-href") == 2
    (address,) = [href for href in re.findall(r'data-href="([^"]+)"', page) if "is_nameless" in href]
    lines = client.get(address.replace("&amp;", "&")).content.decode()
    assert lines.count('<input type="checkbox" name="line"') == 1
    assert of_nobody in lines
    assert 'name="is_nameless" value="on"' in lines
    sent(client, specialist, "propose-write-off", reason="NUMBER_EMPTY", is_nameless="on", why="of nobody")
    assert LineProposal.objects.get().line_count == 1
