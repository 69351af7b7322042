"""Call lists as files: ordered by a person, made by a worker, downloaded by who ordered them or sent by e-mail."""

from datetime import datetime

from django.conf import settings

from billing_site.audit.recording import record
from billing_site.core.errors import BillingError
from billing_site.core.messages import gettext_noop
from billing_site.db.transactions import durable, transaction_required
from billing_site.documents.files import path_of
from billing_site.identity.models import User
from billing_site.jobs.progress import finish_job, retry_parked, start_job
from billing_site.jobs.work import add_work
from rating.models import CallListOrder
from rating.operations.call_list_files import mail_call_list, write_call_list
from rating.queries.call_lists import LONGEST_DAYS, Criteria
from subscribers.models import Account, Subscription

MAKE_CALL_LIST = "rating.make_call_list"
SEND_CALL_LIST = "rating.send_call_list"
JOB_KIND = "rating.call_list"


class NoMailAddress(BillingError):
    """There is nowhere to send it."""

    default_message = gettext_noop(
        "Account %(account)s has no e-mail address: enter one on the subscriber's card, or download the list."
    )
    default_code = "NO_MAIL_ADDRESS"


class CallListPeriodUnsound(BillingError):
    """The days are the wrong way round, or too many."""

    default_message = gettext_noop("A call list goes from a day to a later one, over %(most)s days at most.")
    default_code = "CALL_LIST_PERIOD_UNSOUND"


class CallListNotMade(BillingError):
    """The file is not there yet."""

    default_message = gettext_noop("The file is not made yet.")
    default_code = "CALL_LIST_NOT_MADE"


class CallListOfAnother(BillingError):
    """A file is for the person who ordered it."""

    default_message = gettext_noop("This list was ordered by another person: order your own.")
    default_code = "CALL_LIST_OF_ANOTHER"


@durable
def order_call_list(
    *,
    account_id: int,
    criteria: Criteria,
    form: str,
    delivery: str,
    actor: User,
    subscription_id: int | None = None,
    language: str = "",
) -> CallListOrder:
    """
    Ask for a call list as a file; a worker makes it, with masked numbers.

    :param form: one of ``CallListOrder.Form``
    :param delivery: one of ``CallListOrder.Delivery``
    :param subscription_id: one line of the account; ``None`` = all
    :param language: of the file; the subscriber's own when empty
    :raises NoMailAddress: if it is to be sent and the subscriber has no address
    :raises CallListPeriodUnsound: for an empty or a very long period
    """
    account = Account.objects.select_related("subscriber").get(pk=account_id)
    if not 0 <= (criteria.last - criteria.first).days < LONGEST_DAYS:
        raise CallListPeriodUnsound(context={"most": LONGEST_DAYS})
    is_mail = delivery == CallListOrder.Delivery.MAIL
    if is_mail and not account.subscriber.email:
        raise NoMailAddress(context={"account": account.number})
    line = Subscription.objects.get(pk=subscription_id, account=account) if subscription_id else None
    job = start_job(
        kind=JOB_KIND,
        title=gettext_noop("Call list of account %(account)s"),
        started_by=actor.username,
        parameters={"account": account.number},
        stage=gettext_noop("Making the file"),
        stage_count=2 if is_mail else 1,
    )
    order = CallListOrder.objects.create(
        account=account,
        subscription=line,
        criteria=criteria.as_json(),
        form=form,
        delivery=delivery,
        language=language or account.subscriber.language or settings.LANGUAGE_CODE,
        mail_to=account.subscriber.email if is_mail else "",
        ordered_by=actor,
        job=job,
    )
    add_work(kind=MAKE_CALL_LIST, items={str(order.pk): {"order_id": order.pk}}, job_id=job.pk)
    changes = {"order": order.pk, "form": form, "delivery": delivery, **criteria.as_json()}
    record("rating.order_call_list", actor=actor, subject=account, changes=changes)
    return order


@transaction_required
def make_call_list(*, order_id: int, made_at: datetime) -> None:
    """Make the file of an order, in the transaction of its work item; a list to be sent goes on to that."""
    order = CallListOrder.objects.select_for_update(of=("self",)).select_related("account").get(pk=order_id)
    if order.state != CallListOrder.State.ORDERED:
        return
    written = write_call_list(order)
    order.content, order.made_at, order.state = written.content, made_at, CallListOrder.State.MADE
    order.record_count = written.sums.record_count
    order.duration_seconds = written.sums.duration_seconds
    order.amount_micro = written.sums.amount_micro
    order.save(
        update_fields=[
            "content", "made_at", "state", "record_count", "duration_seconds", "amount_micro",
        ]
    )  # fmt: skip
    if order.delivery == CallListOrder.Delivery.MAIL:
        add_work(kind=SEND_CALL_LIST, items={str(order.pk): {"order_id": order.pk}}, job_id=order.job_id)
    else:
        finish_job(job_id=order.job_id, message=gettext_noop("The file is ready."))


@transaction_required
def send_call_list(*, order_id: int, sent_at: datetime) -> None:
    """
    Send the file of an order, in the transaction of its work item.

    A process that dies between sending and the commit sends it twice: better than not at all.
    """
    order = CallListOrder.objects.select_for_update(of=("self",)).select_related("account", "content").get(pk=order_id)
    if order.state != CallListOrder.State.MADE:
        return
    mail_call_list(order)
    order.state, order.sent_at = CallListOrder.State.SENT, sent_at
    order.save(update_fields=["state", "sent_at"])
    finish_job(job_id=order.job_id, message=gettext_noop("The list was sent."))


@durable
def retry_call_list(*, order_id: int, actor: User) -> None:
    """
    Give a list whose piece of work was given up new attempts.

    :raises CallListOfAnother: for anybody but the one who ordered it
    """
    order = CallListOrder.objects.select_related("job", "account").get(pk=order_id)
    if order.ordered_by_id != actor.pk:
        raise CallListOfAnother
    if retry_parked(job_id=order.job_id):
        record("rating.retry_call_list", actor=actor, subject=order.account, changes={"order": order.pk})


@durable
def download_call_list(*, order_id: int, actor: User) -> CallListOrder:
    """
    Let the person who ordered a list take its file; each time is written down.

    :raises CallListOfAnother: for anybody else
    :raises CallListNotMade: while it is not there
    """
    order = CallListOrder.objects.select_related("account", "content").get(pk=order_id)
    if order.ordered_by_id != actor.pk:
        raise CallListOfAnother
    if order.content is None or not path_of(order.content.sha256).exists():
        raise CallListNotMade
    record("rating.download_call_list", actor=actor, subject=order.account, changes={"order": order.pk})
    return order
