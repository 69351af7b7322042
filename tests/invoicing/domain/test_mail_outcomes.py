import pytest

from invoicing.domain.mail_outcomes import WAITS, MailOutcome, next_wait, outcome_of_status


def test_waits_grow_and_end():
    waits = [next_wait(count) for count in range(1, len(WAITS) + 1)]

    assert waits == sorted(WAITS)
    assert next_wait(len(WAITS) + 1) is None


@pytest.mark.parametrize(
    ("status", "outcome"), [(429, "TRY_AGAIN"), (503, "TRY_AGAIN"), (422, "GIVEN_UP"), (504, "UNSURE"), (500, "UNSURE")]
)
def test_answer_of_a_provider_that_may_have_passed_the_mail_on_is_unsure(status, outcome):
    assert outcome_of_status(status) == MailOutcome(outcome)
