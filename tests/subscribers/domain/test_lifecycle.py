"""The life of a line."""

import pytest

from subscribers.domain.lifecycle import LineCannotMove, LineState, can_move, check_move, is_in_service

ALLOWED = {
    ("CREATED", "ACTIVE"),
    ("CREATED", "TERMINATED"),
    ("ACTIVE", "SUSPENDED"),
    ("ACTIVE", "TERMINATED"),
    ("SUSPENDED", "ACTIVE"),
    ("SUSPENDED", "TERMINATED"),
}


def test_lines_move_as_the_life_of_a_line_knows():
    moves = {(str(a), str(b)) for a in LineState for b in LineState if can_move(state=a, target=b)}

    assert moves == ALLOWED


def test_other_moves_are_refused_in_words():
    with pytest.raises(LineCannotMove) as refused:
        check_move(state="TERMINATED", target="ACTIVE")

    assert refused.value.message == "The line is TERMINATED: it cannot become ACTIVE."


def test_active_and_suspended_lines_are_in_service():
    assert [state for state in LineState if is_in_service(state)] == ["ACTIVE", "SUSPENDED"]
