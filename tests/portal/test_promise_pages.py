"""001-13, P-09: a subscriber promises to pay on his own pages, and is not reminded until his day."""

from datetime import date

from django.db import transaction
from django.test import Client
from django.urls import reverse

from billing_site.audit.models import AuditEntry
from payments.models import DunningAct, PaymentPromise
from subscribers.models import Notice
from subscribers.operations.notices import NewNotice, withdraw_notices, write_notices
from tests.cast import Person
from tests.factories.dunning import make_debt, make_policy, run_on
from tests.factories.portal import AT
from tests.web.wrapped import assert_numbers_wrapped

DUE = date(2026, 2, 20)


def test_promise_is_given_on_the_way_to_paying_and_holds_dunning(ani: Person, ani_in: Client):
    make_policy(promise_days=14)
    make_debt(ani.account, 1000, due_on=DUE)
    url, pay = (reverse(f"my:{name}", args=[ani.account.pk]) for name in ("promise-payment", "pay"))
    assert url in ani_in.get(pay).content.decode()
    page = ani_in.get(url)
    assert page.context["form"]["pay_until_on"].value() == date(2026, 3, 12)
    assert_numbers_wrapped(page.content.decode())

    done = ani_in.post(url, {"amount": "1000", "pay_until_on": "2026-03-19"}, follow=True)

    assert "You have promised to pay" in done.content.decode()
    assert url not in done.content.decode()
    promise = PaymentPromise.objects.get()
    assert (promise.channel, promise.taken_by, promise.pay_until_on) == ("PORTAL", None, date(2026, 3, 19))
    assert promise.given_by == ani.account.subscriber.name
    assert AuditEntry.objects.get(action="payments.promise_payment").actor_name.endswith("(own pages)")
    run_on(AT.date())
    assert not DunningAct.objects.exists()


def test_promise_that_is_too_late_or_too_much_or_for_nothing_is_refused_in_words(ani: Person, ani_in: Client):
    make_policy(promise_days=14)
    url = reverse("my:promise-payment", args=[ani.account.pk])
    nothing = ani_in.post(url, {"amount": "10", "pay_until_on": "2026-03-06"})
    assert "owes nothing that is overdue" in nothing.content.decode()
    make_debt(ani.account, 1000, due_on=DUE)
    wishes = [{"amount": "1001", "pay_until_on": "2026-03-06"}, {"amount": "1000", "pay_until_on": "2026-03-20"}]

    answers = [nothing, *(ani_in.post(url, wish) for wish in wishes)]

    assert [one.status_code for one in answers] == [422] * 3
    assert "lies between today and" in answers[2].content.decode()
    assert not PaymentPromise.objects.exists()


def test_notice_that_was_withdrawn_is_not_among_what_he_was_told(ani: Person, ani_in: Client):
    """001-13: who has paid reads no reminder here either."""
    pair = [NewNotice(key=f"t/{n}", account_id=ani.account.pk, subject="x", msgid=f"Sentence {n}.") for n in (1, 2)]
    with transaction.atomic():
        write_notices(notices=pair, at=AT)
        withdraw_notices(keys=["t/1"], at=AT)

    assert [one.key for one, _text in ani_in.get(reverse("my:home")).context["notices"]] == ["t/2"]
    assert Notice.objects.count() == 2
