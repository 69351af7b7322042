"""The words of dunning's letters are the operator's own: drafted by one, published by another, kept by each letter."""

from datetime import timedelta

import pytest
from django.core import mail
from django.db import DatabaseError, transaction

from billing_site.audit.models import AuditEntry
from billing_site.core.own_texts import LANGUAGES
from billing_site.documents.own_texts import OwnTextMadeBySamePerson, OwnTextPublished, OwnTextUnsound
from billing_site.jobs.work import drain
from subscribers.models import LetterText, Notice
from subscribers.operations.letter_texts import (
    LetterKindUnknown,
    discard_letter_text,
    draft_letter_text,
    edit_letter_text,
    publish_letter_text,
)
from subscribers.operations.notices import SEND_NOTICE
from subscribers.queries.letter_texts import letter_kinds, words_of_kind
from tests.factories.dunning import NOW, make_debt, make_policy, run_on
from tests.factories.subscribers import make_account

pytestmark = pytest.mark.django_db
DAY = NOW.date()
KIND = "payments.dunning/FRIENDLY"
SUBJECTS = {**dict.fromkeys(LANGUAGES, "A word from us"), "hy": "Մեր խոսքը"}
TEXTS = {**dict.fromkeys(LANGUAGES, "100% sure:\n{amount} of {account}."), "hy": "Հիշեցում՝ {amount}, {account}։"}


def draft(actor, **changes):
    return draft_letter_text(**{"kind": KIND, "subjects": SUBJECTS, "texts": TEXTS, "actor": actor, **changes})


def publish(text, actor):
    return publish_letter_text(text_id=text.pk, published_at=NOW, actor=actor)


def make_debtor(**about):
    account = make_account(email="debtor@example.com", **about)
    make_debt(account, 1000, due_on=DAY - timedelta(days=8))
    return account


def test_letters_say_the_published_words_and_keep_them(specialist, approver):
    """001-13: in the subscriber's language; a letter that was written keeps its words when newer ones are published."""
    make_policy()
    publish(draft(specialist), approver)
    account = make_debtor(language="hy")
    run_on(DAY)
    publish(draft(specialist, texts=dict.fromkeys(LANGUAGES, "Newer: {amount}, {account}.")), approver)
    other = make_debtor(language="en")
    drain(SEND_NOTICE)
    run_on(DAY + timedelta(days=1))
    drain(SEND_NOTICE)

    told = {letter.subject: letter.body for letter in mail.outbox}
    assert told["Մեր խոսքը"].startswith("Հիշեցում՝ 1")
    assert account.number in told["Մեր խոսքը"]
    assert told["A word from us"].startswith("Newer: ")
    kept = Notice.objects.get(account=account)
    assert kept.msgid_in("en") == "100%% sure:\n%(overdue_minor)s of %(account)s."
    with pytest.raises(DatabaseError, match="keeps the words"), transaction.atomic():
        Notice.objects.filter(pk=kept.pk).update(letter_text=Notice.objects.get(account=other).letter_text)


def test_words_are_published_whole_by_a_second_person_and_stay(specialist, approver):
    text = draft(specialist, texts={"en": TEXTS["en"]})
    with pytest.raises(OwnTextUnsound):
        publish(text, approver)
    with pytest.raises(OwnTextUnsound):
        edit_letter_text(text_id=text.pk, subjects=SUBJECTS, texts={"en": "{bill} {amount"}, actor=specialist)
    text.refresh_from_db()
    assert (text.state, text.texts["en"]) == ("DRAFT", TEXTS["en"])
    edit_letter_text(text_id=text.pk, subjects=SUBJECTS, texts=TEXTS, actor=specialist)
    with pytest.raises(OwnTextMadeBySamePerson):
        publish(text, specialist)
    publish(text, approver)

    with pytest.raises(OwnTextPublished):
        discard_letter_text(text_id=text.pk, actor=specialist)
    with pytest.raises(DatabaseError, match="it stays as it is"), transaction.atomic():
        LetterText.objects.filter(pk=text.pk).update(texts={})
    assert words_of_kind(letter_kinds()[KIND])[1] == TEXTS
    assert AuditEntry.objects.filter(action__startswith="subscribers.", action__endswith="letter_text").count() == 3


def test_unknown_letter_and_words_that_fit_no_place_are_refused(specialist):
    for refusal, changes in (
        (LetterKindUnknown, {"kind": "payments.dunning/LOUD"}),
        (OwnTextUnsound, {"texts": {**TEXTS, "ru": "Срок {deadline}"}}),
        (OwnTextUnsound, {"subjects": {"en": "{amount}"}}),
        (OwnTextUnsound, {"subjects": {"en": "x" * 121}}),
    ):
        with pytest.raises(refusal):
            draft(specialist, **changes)

    assert not LetterText.objects.exists()
    assert not AuditEntry.objects.filter(action="subscribers.draft_letter_text").exists()


def test_words_of_the_house_are_offered_in_every_language_and_sound(specialist):
    """Whoever changes a letter begins with what it says now."""
    for kind in letter_kinds().values():
        subjects, texts = words_of_kind(kind)
        drafted = draft_letter_text(kind=kind.code, subjects=subjects, texts=texts, actor=specialist)
        assert all(f"{{{name}}}" in text for text in drafted.texts.values() for name in kind.needed)
        assert len({subjects[language] for language in LANGUAGES}) == len(LANGUAGES)
    discard_letter_text(text_id=LetterText.objects.latest("pk").pk, actor=specialist)
    assert LetterText.objects.count() == len(letter_kinds()) - 1
