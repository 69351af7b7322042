"""
Notices to subscribers: written with what they are about, sent after the commit, told where there is no address.

A notice about something that may end meanwhile (a debt) has a guard: whoever writes such notices registers it under the
beginning of their keys, and it is asked at the moment of sending, while the account is locked; once for all that leave
together.
"""

import smtplib
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.conf import settings
from django.core.mail import EmailMessage

from billing_site.audit.recording import record
from billing_site.core.errors import BillingError
from billing_site.core.messages import gettext_noop
from billing_site.db.transactions import durable, lock_rows, transaction_required
from billing_site.identity.models import User
from billing_site.jobs.work import add_work
from subscribers.models import Account, DeliveryChannel, LetterText, Notice
from subscribers.operations.delivery import stop_mail
from subscribers.queries.delivery import BillWay, letter_ways
from subscribers.queries.letter_texts import texts_that_hold

SEND_NOTICE = "subscribers.send_notice"
BY_MAIL = frozenset({"", Notice.Channel.EMAIL})
OF_WAYS = {
    DeliveryChannel.Kind.E_MAIL: Notice.Channel.EMAIL,
    DeliveryChannel.Kind.PRINT: Notice.Channel.PRINT,
    DeliveryChannel.Kind.PORTAL: Notice.Channel.PORTAL,
}
ENDED = (Notice.State.SENT, Notice.State.TOLD, Notice.State.WITHDRAWN)
# What a guard answers for its notices: by id the values as they are now, of those that are still needed.
Guard = Callable[[Sequence[Notice], datetime], Mapping[int, Mapping[str, object]]]
_guards: dict[str, Guard] = {}


class NoticeNotByMail(BillingError):
    """The account's bills go neither by mail nor on paper, and there is no address to send it to."""

    default_message = gettext_noop("The subscriber has no e-mail address: the notice is to be told.")
    default_code = "NOTICE_NOT_BY_MAIL"


class NoticeAlreadyTold(BillingError):
    """It has reached the subscriber."""

    default_message = gettext_noop("The subscriber was told already.")
    default_code = "NOTICE_ALREADY_TOLD"


class NoticeWithdrawn(BillingError):
    """What it was about has ended."""

    default_message = gettext_noop("There is nothing to tell any more: what the notice was about has ended.")
    default_code = "NOTICE_WITHDRAWN"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewNotice:
    """
    A notice to be: an English sentence as key, and its values.

    :param key: what it is about, once, as ``app.thing/id``
    :param subject: English msgid of the subject line, without values
    :param params: see ``subscribers.models.Notice``
    :param channel: one of ``Notice.Channel``; left out, or mail to who has no address: by mail where there is one, else
        told
    :param letter: the kind of letter it is, if the operator may have written its words (``queries.letter_texts``)
    :param is_letter: left out or mail, it goes the way of the account's bills: mail, paper, own pages
    """

    key: str
    account_id: int
    subject: str
    msgid: str
    subscription_id: int | None = None
    params: Mapping[str, object] = field(default_factory=dict)
    channel: str = ""
    is_letter: bool = False
    letter: str = ""


def guard_notices(*, prefix: str, guard: Guard) -> None:
    """Have every notice whose key begins so asked for before it is sent or told; see the module."""
    _guards[prefix] = guard


@transaction_required
def write_notices(*, notices: Sequence[NewNotice], at: datetime) -> None:
    """
    Write notices in the language of their subscribers and have those with an address sent after the commit.

    A key that is there already is left alone.
    """
    accounts = Account.objects.select_related("subscriber").in_bulk({one.account_id for one in notices})
    letters = {one.account_id for one in notices if one.is_letter and one.channel in BY_MAIL}
    ways = letter_ways(account_ids=letters) if letters else {}
    kinds = {one.letter for one in notices if one.letter}
    own = texts_that_hold(kinds) if kinds else {}
    rows = [
        _row(one, accounts[one.account_id], ways.get(one.account_id), own.get(one.letter), at=at) for one in notices
    ]
    Notice.objects.bulk_create(rows, ignore_conflicts=True, batch_size=1000)
    keys = [row.key for row in rows if row.channel == Notice.Channel.EMAIL]
    made = Notice.objects.filter(key__in=keys, send_count=0, state=Notice.State.WAITING)
    mails = made.order_by("pk").values_list("pk", flat=True)
    add_work(kind=SEND_NOTICE, items={f"{pk}/1": {"notice_id": pk} for pk in mails})


@transaction_required
def prepare_notice(*, notice_id: int, at: datetime) -> Notice | None:
    """Return a notice that is still to be sent, with its values of this moment, or ``None``: ``prepare_notices``."""
    return prepare_notices(notice_ids=[notice_id], at=at).get(notice_id)


@transaction_required
def prepare_notices(*, notice_ids: Collection[int], at: datetime, is_leaving: bool = True) -> dict[int, Notice]:
    """
    Return those notices that are still to be sent, by id, with the values of this moment: one that has ended is left
    alone, one that its guard does not want any more is withdrawn.

    :param is_leaving: they are sent now: where there is a guard the accounts stay locked until the caller commits, so
        that nobody pays between question and sending. Without, they are only looked through
    """
    chosen = Notice.objects.filter(pk__in=notice_ids)
    if is_leaving:
        guarded = [account_id for key, account_id in chosen.values_list("key", "account_id") if _guard_of(key)]
        lock_rows(Account.objects.all(), set(guarded))
    rows = chosen.exclude(state__in=ENDED).select_related("account", "letter_text").order_by("pk")
    notices = {notice.pk: notice for notice in rows}
    asked: dict[Guard, list[Notice]] = {}
    for notice in notices.values():
        guard = _guard_of(notice.key)
        if guard is not None:
            asked.setdefault(guard, []).append(notice)
    for guard, of_guard in asked.items():
        wanted = _take_values(of_guard, guard(of_guard, at), at=at)
        for notice in of_guard:
            if notice.pk not in wanted:
                del notices[notice.pk]
    return notices


@transaction_required
def withdraw_notices(*, keys: Sequence[str], at: datetime) -> int:
    """Take back the notices with these keys that have not reached anybody; return how many."""
    waiting = Notice.objects.filter(key__in=keys).exclude(state__in=ENDED)
    return waiting.update(state=Notice.State.WITHDRAWN, done_at=at)


@transaction_required
def send_notice(*, notice_id: int, subject: str, text: str, at: datetime) -> None:
    """
    Send a notice by mail and keep whether the mail server took it.

    Sent twice only if the process dies between the server's answer and the commit; both mails then carry one
    ``Message-ID``.

    :param text: the sentence in the subscriber's language
    """
    notice = Notice.objects.select_for_update(of=("self",)).get(pk=notice_id)
    if notice.state in ENDED:
        return
    notice.send_count += 1
    domain = settings.DEFAULT_FROM_EMAIL.rpartition("@")[2].rstrip(">")
    identity = f"<notice-{notice.pk}-{notice.send_count}@{domain}>"
    mail = EmailMessage(subject=subject, body=text, to=[notice.address], headers={"Message-ID": identity})
    # What the provider tells of later: its events carry it back.
    mail.metadata = {"notice": str(notice.pk)}  # type: ignore[attr-defined]
    try:
        mail.send()
    except (smtplib.SMTPException, OSError) as error:
        notice.state, notice.error = Notice.State.FAILED, f"{type(error).__name__}: {error}"[:300]
    else:
        notice.state, notice.error, notice.done_at = Notice.State.SENT, "", at
    notice.save(update_fields=["state", "error", "send_count", "done_at"])


@transaction_required
def note_notice_returned(*, notice_id: int, detail: str, is_for_good: bool, at: datetime) -> bool:
    """
    Keep that the mail of a notice came back, and return whether that was news; it waits for a person in the list.

    :param is_for_good: the account's mail goes to this address no more
    """
    sent = Notice.objects.select_for_update(of=("self",)).filter(pk=notice_id, channel=Notice.Channel.EMAIL)
    notice = sent.filter(state=Notice.State.SENT).first()
    if notice is None:
        return False
    return_notice(notice, detail=detail)
    if is_for_good:
        stop_mail(account_id=notice.account_id, address=notice.address, at=at)
    record("subscribers.note_notice_returned", actor=None, subject=notice, changes={"address": notice.address})
    return True


@transaction_required
def return_notice(notice: Notice, *, detail: str) -> None:
    """Mark a notice that the caller holds locked as come back, by mail or by the post."""
    notice.state, notice.error, notice.done_at = Notice.State.BOUNCED, detail[:300], None
    notice.save(update_fields=["state", "error", "done_at"])


@transaction_required
def settle_printed_notices(*, notice_ids: Sequence[int], at: datetime) -> int:
    """Mark letters that were handed over on paper as sent; return how many."""
    waiting = Notice.objects.filter(pk__in=notice_ids, channel=Notice.Channel.PRINT, state=Notice.State.WAITING)
    return waiting.update(state=Notice.State.SENT, done_at=at)


@durable
def resend_notice(*, notice_id: int, at: datetime, actor: User) -> Notice:
    """
    Have a notice sent again, on the way that the account's bills take now: by mail at once, on paper with the next
    letters. One that is to be told goes by mail where the subscriber has an address.

    :raises NoticeNotByMail: if there is no such way
    :raises NoticeWithdrawn: if what it is about has ended
    """
    notice = Notice.objects.select_for_update(of=("self",)).select_related("account__subscriber").get(pk=notice_id)
    if notice.state == Notice.State.WITHDRAWN:
        raise NoticeWithdrawn
    ways = {} if notice.channel in Notice.Channel.by_word() else letter_ways(account_ids=[notice.account_id])
    way = ways.get(notice.account_id)
    notice.state, notice.done_at = Notice.State.WAITING, None
    _take_way(notice, notice.account, way, wanted="", at=at)
    if notice.channel not in {Notice.Channel.EMAIL, Notice.Channel.PRINT}:
        raise NoticeNotByMail
    notice.save(update_fields=["channel", "address", "language", "state", "done_at"])
    changes = {"channel": notice.channel, "address": notice.address}
    record("subscribers.resend_notice", actor=actor, subject=notice, changes=changes)
    if notice.channel == Notice.Channel.EMAIL:
        again = f"{notice.pk}/{notice.send_count + 1}"
        add_work(kind=SEND_NOTICE, items={again: {"notice_id": notice.pk}})
    return notice


@durable
def tell_notice(*, notice_id: int, at: datetime, actor: User) -> Notice:
    """
    Write down that a subscriber was told what a notice says.

    :raises NoticeAlreadyTold: if he was told before, or got it by mail
    :raises NoticeWithdrawn: if what it is about has ended
    """
    if prepare_notice(notice_id=notice_id, at=at) is None:
        is_withdrawn = Notice.objects.filter(pk=notice_id, state=Notice.State.WITHDRAWN).exists()
        raise NoticeWithdrawn if is_withdrawn else NoticeAlreadyTold
    notice = Notice.objects.select_for_update(of=("self",)).get(pk=notice_id)
    if notice.state in ENDED:
        raise NoticeAlreadyTold
    notice.state, notice.done_at, notice.told_by = Notice.State.TOLD, at, actor
    notice.save(update_fields=["state", "done_at", "told_by"])
    record("subscribers.tell_notice", actor=actor, subject=notice)
    return notice


def _guard_of(key: str) -> Guard | None:
    return next((guard for prefix, guard in _guards.items() if key.startswith(prefix)), None)


def _take_values(
    notices: Sequence[Notice], values: Mapping[int, Mapping[str, object]], *, at: datetime
) -> Mapping[int, Mapping[str, object]]:
    """Withdraw the notices that have no values any more, write those of the others that changed, and return them."""
    withdraw_notices(keys=[notice.key for notice in notices if notice.pk not in values], at=at)
    changed = [notice for notice in notices if notice.params != dict(values.get(notice.pk, notice.params))]
    for notice in changed:
        notice.params = dict(values[notice.pk])
    Notice.objects.bulk_update(changed, ["params"], batch_size=500)
    return values


def _row(new: NewNotice, account: Account, way: BillWay | None, own: LetterText | None, *, at: datetime) -> Notice:
    row = Notice(
        key=new.key,
        account_id=new.account_id,
        subscription_id=new.subscription_id,
        subject=new.subject,
        msgid=new.msgid,
        letter_text=own,
        params=dict(new.params),
        language=account.subscriber.language,
        created_at=at,
    )
    _take_way(row, account, way if new.is_letter else None, wanted=new.channel, at=at)
    return row


def _take_way(row: Notice, account: Account, way: BillWay | None, *, wanted: str, at: datetime) -> None:
    """Say how a notice goes: as wanted, as the account's bills do, by mail where there is an address, or by word."""
    row.address = account.subscriber.email
    if wanted not in BY_MAIL:
        row.channel = wanted
    elif way is None:
        row.channel = Notice.Channel.EMAIL if row.address else Notice.Channel.TELL
    else:
        row.channel, row.language = OF_WAYS[DeliveryChannel.Kind(way.kind)], way.language
        row.address = way.address or row.address
    # What stands on the own pages is there for who looks.
    if row.channel == Notice.Channel.PORTAL:
        row.state, row.done_at = Notice.State.SENT, at
