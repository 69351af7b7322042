"""A form is carried out once, however often its button is pressed."""

from datetime import datetime
from uuid import UUID

from billing_site.identity.models import User
from billing_site.web.models import Submission


def claim_submission(*, key: UUID, user: User, action: str, now: datetime) -> tuple[Submission, bool]:
    """
    Return the submission of this key and whether it is ours to carry out.

    Must run in autocommit, before the operation's own transaction, so that a second press sees it at once.
    """
    return Submission.objects.get_or_create(key=key, defaults={"user": user, "action": action, "created_at": now})


def finish_submission(*, key: UUID, result_url: str) -> None:
    """Keep where the result is shown."""
    Submission.objects.filter(key=key).update(result_url=result_url)


def release_submission(*, key: UUID) -> None:
    """Forget a submission that was refused or failed: nothing was done, so the person may press again."""
    Submission.objects.filter(key=key, result_url="").delete()


def forget_submissions(*, before: datetime) -> int:
    """Delete what is older than ``before`` and return how many."""
    return Submission.objects.filter(created_at__lt=before).delete()[0]
