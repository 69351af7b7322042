"""Limits and alerts, fraud rules and hits: the pages, and who may do what on them."""

from datetime import UTC, datetime

import pytest
import time_machine
from django.urls import reverse

from billing_site.core.money import MICRO_PER_MAJOR
from billing_site.identity.roles import Role
from rating.models import FraudHit, FraudRule, UsageLimit
from rating.operations.fraud import RuleTerms, create_fraud_rule
from rating.operations.limits import set_usage_limit
from subscribers.models import Notice, SubscriptionRestriction
from subscribers.operations.restrictions import restrict_subscription
from tests.factories.identity import make_staff
from tests.factories.rating import load_lines, make_source, rate_all
from tests.factories.tariffs import make_zone
from tests.web.wrapped import assert_numbers_wrapped

NOW = datetime(2026, 3, 5, 8, tzinfo=UTC)


@pytest.fixture(autouse=True)
def march(settings, tmp_path):
    settings.SALDO_FILES_ROOT = tmp_path / "files"
    with time_machine.travel(NOW):
        yield


@pytest.fixture
def agent(db):
    return make_staff(Role.CALL_DESK, username="agent")


@pytest.fixture
def used_up(ani):
    """A limit of 10.00 of Ani's, used up by a call of 10.00 that two rules find, too."""
    make_zone(prefixes=["99910"])
    limit = 10 * MICRO_PER_MAJOR
    set_usage_limit(account_id=ani.account.pk, kind="SUBSCRIBER", amount_micro=limit, at=NOW, actor=None)
    for kind, threshold in (("SUM_PER_HOUR", 5 * MICRO_PER_MAJOR), ("SIMULTANEOUS", 0)):
        terms = RuleTerms(names={"en": kind}, kind=kind, threshold=threshold, effect="RESTRICT")
        create_fraud_rule(code=kind, terms=terms, actor=None)
    load_lines(make_source(), f"{ani.number},99910555555,2026-03-05 10:00:00,120")
    rate_all()
    return ani


def address(name: str, *args: object) -> str:
    return reverse(f"rating:{name}", args=args)


@pytest.mark.parametrize("name", ["account-limits", "limits-panel"])
def test_page_of_limits_shows_what_holds_and_what_came_of_it(client, agent, used_up, name):
    client.force_login(agent)
    page = client.get(address(name, used_up.account.pk)).content.decode()

    assert 'low="50" high="80" optimum="0" value="100"' in page
    assert "Bar outgoing calls" in page
    assert_numbers_wrapped(page)


def test_page_of_limits_names_emergency_numbers_and_causes(client, agent, used_up):
    """Scenario 16: the bar, its causes, and what stays open."""
    client.force_login(agent)
    page = client.get(address("account-limits", used_up.account.pk)).content.decode()

    assert "101, 102, 103, 112" in page
    assert "Suspicion of fraud, Limit reached" in page


def test_page_of_limits_without_any(client, agent, ani):
    client.force_login(agent)
    page = client.get(address("account-limits", ani.account.pk)).content.decode()

    assert "No limit holds" in page
    assert_numbers_wrapped(page)


def test_agent_sets_the_subscribers_limit_and_not_the_operators(client, agent, specialist, ani):
    url = address("set-usage-limit", ani.account.pk)
    client.force_login(agent)
    assert client.post(url, {"line": "", "kind": "OPERATOR", "amount": "50"}).status_code == 422
    assert client.post(url, {"line": str(ani.line.pk), "kind": "SUBSCRIBER", "amount": "30"}).status_code == 302
    client.force_login(specialist)
    assert client.post(url, {"line": "", "kind": "OPERATOR", "amount": "50"}).status_code == 302

    limits = UsageLimit.objects.order_by("pk")
    assert [(one.kind, one.amount_micro, one.subscription_id, one.set_by) for one in limits] == [
        ("SUBSCRIBER", 30 * MICRO_PER_MAJOR, ani.line.pk, agent),
        ("OPERATOR", 50 * MICRO_PER_MAJOR, None, specialist),
    ]


def test_limit_is_lifted_by_who_may(client, clerk, agent, used_up):
    """Scenario 16: refused without the right, done with it."""
    url = address("lift-usage-limit", used_up.account.pk)
    client.force_login(clerk)
    assert client.post(url, {"line": "", "amount": "50", "reason": "asked"}).status_code == 403
    assert not UsageLimit.objects.filter(kind="ONCE").exists()
    client.force_login(agent)
    page = client.post(url, {"line": "", "amount": "50", "reason": "asked"}, follow=True).content.decode()

    assert "lifted until the bill period ends" in page
    assert 'value="20"' in page
    assert SubscriptionRestriction.objects.get(during__upper_inf=True).causes == ["FRAUD"]


def test_defaults_are_set_and_listed(client, specialist, auditor):
    client.force_login(specialist)
    client.post(address("set-default-limit"), {"category": "HOME", "amount": "20 000"})
    client.post(address("set-default-limit"), {"category": "HOME", "amount": "30 000"})
    client.force_login(auditor)
    page = client.get(address("default-limits")).content.decode()

    assert [page.count(amount) for amount in ("20,000.00", "30,000.00")] == [1, 1]
    assert_numbers_wrapped(page)
    assert client.post(address("set-default-limit"), {"category": "HOME", "amount": "1"}).status_code == 403


RULE = {"code": "NIGHT", "name": "By night", "kind": "SUM_PER_HOUR", "amount": "5000", "effect": "NOTICE"}


def test_fraud_rule_is_made_and_changed(client, administrator):
    client.force_login(administrator)
    assert client.post(address("create-fraud-rule"), {**RULE, "kind": "CALLS_TO_ZONE"}).status_code == 422
    assert client.post(address("create-fraud-rule"), {**RULE, "is_active": "on"}).status_code == 302
    rule = FraudRule.objects.get()
    assert (rule.threshold, rule.names, rule.is_active) == (5000 * MICRO_PER_MAJOR, {"en": "By night"}, True)
    url = address("change-fraud-rule", rule.pk)
    assert 'value="5000"' in client.get(url).content.decode()
    assert client.post(url, {**RULE, "kind": "SIMULTANEOUS", "count": "3"}).status_code == 302
    rule.refresh_from_db()

    assert (rule.kind, rule.threshold, rule.is_active) == ("SIMULTANEOUS", 3, False)
    assert_numbers_wrapped(client.get(address("fraud-rules")).content.decode())


def test_hits_lead_to_their_records_and_are_dismissed(client, specialist, used_up):
    client.force_login(specialist)
    page = client.get(address("fraud-hits")).content.decode()
    assert page.count("<tr data-href") == 2
    assert_numbers_wrapped(page)
    for hit in FraudHit.objects.order_by("pk"):
        page = client.get(address("fraud-hit", hit.pk)).content.decode()
        assert page.count("+999 10 555 XXX") == 1, hit
        assert_numbers_wrapped(page)
        assert "FRAUD" in SubscriptionRestriction.objects.get(during__upper_inf=True).causes
        client.post(address("dismiss-fraud-hit", hit.pk), {"reason": "a wedding", "restores": "on"})

    assert set(FraudHit.objects.values_list("state", "dismiss_reason")) == {("DISMISSED", "a wedding")}
    assert SubscriptionRestriction.objects.get(during__upper_inf=True).causes == ["LIMIT"]


def test_lines_are_restricted_stopped_and_restored_by_hand(client, agent, ani):
    """004-05: through the pages."""
    client.force_login(agent)
    for verb, fields in (("restrict", {"cause": "REQUEST"}), ("stop", {}), ("restore", {"cause": "REQUEST"})):
        url = reverse(f"subscribers:{verb}-subscription", args=[ani.line.pk])
        assert client.get(url).status_code == 200
        assert client.post(url, {"reason": "phone lost", **fields}).status_code == 302
    page = client.get(address("account-limits", ani.account.pk)).content.decode()

    states = SubscriptionRestriction.objects.order_by("pk").values_list("state", "made_by")
    assert list(states) == [(state, agent.pk) for state in ("RESTRICTED", "STOPPED", "RESTORED")]
    assert page.count("phone lost") == 3


def test_bar_for_the_limit_is_not_ended_by_hand(client, agent, ani):
    restrict_subscription(subscription_id=ani.line.pk, cause="LIMIT", reason="x", at=NOW, actor=None)
    client.force_login(agent)
    url = reverse("subscribers:restore-subscription", args=[ani.line.pk])
    assert client.post(url, {"cause": "LIMIT", "reason": "x"}).status_code == 422
    assert SubscriptionRestriction.objects.count() == 1


def test_notices_are_listed_and_told(client, agent, used_up):
    client.force_login(agent)
    page = client.get(reverse("subscribers:notices")).content.decode()
    assert page.count("<tr data-href") == Notice.objects.count() == 4
    assert_numbers_wrapped(page)
    notice = Notice.objects.order_by("pk").last()
    assert notice is not None
    detail = client.get(reverse("subscribers:notice", args=[notice.pk])).content.decode()
    assert_numbers_wrapped(detail)
    client.post(reverse("subscribers:tell-notice", args=[notice.pk]))
    notice.refresh_from_db()

    assert (notice.state, notice.told_by) == ("TOLD", agent)
