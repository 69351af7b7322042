"""How a subscriber is reached: the language of bills and messages, the e-mail address."""

from django.conf import settings

from billing_site.audit.recording import record
from billing_site.core.errors import BillingError
from billing_site.core.messages import gettext_noop
from billing_site.db.transactions import durable
from billing_site.identity.models import User
from subscribers.models import Subscriber


class LanguageNotSpoken(BillingError):
    """Bills are made in the languages of the house."""

    default_message = gettext_noop("Bills and messages are not written in %(language)s.")
    default_code = "LANGUAGE_NOT_SPOKEN"


@durable
def change_subscriber_language(*, subscriber_id: int, language: str, actor: User | None) -> Subscriber:
    """
    Change the language of the bills and messages to come; bills that were posted keep theirs.

    :raises LanguageNotSpoken: for a language that is none of ours
    """
    if language not in dict(settings.LANGUAGES):
        raise LanguageNotSpoken(context={"language": language})
    subscriber = Subscriber.objects.select_for_update(no_key=True).get(pk=subscriber_id)
    changes = {"before": subscriber.language, "after": language}
    subscriber.language = language
    subscriber.save(update_fields=["language"])
    record("subscribers.change_subscriber_language", actor=actor, subject=subscriber, changes=changes)
    return subscriber


@durable
def change_subscriber_email(*, subscriber_id: int, email: str, actor: User | None) -> Subscriber:
    """Change the e-mail address of a subscriber, or take it away; whoever changes it has made sure that it is his."""
    subscriber = Subscriber.objects.select_for_update(no_key=True).get(pk=subscriber_id)
    changes = {"before": subscriber.email, "after": email.strip()}
    subscriber.email = email.strip()
    subscriber.save(update_fields=["email"])
    record("subscribers.change_subscriber_email", actor=actor, subject=subscriber, changes=changes)
    return subscriber
