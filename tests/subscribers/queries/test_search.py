"""One box: numbers, accounts, names in five scripts."""

import pytest

from subscribers.operations.numbers import release_number
from subscribers.queries.search import Matched, search_subscribers
from tests.factories.subscribers import NOW, make_account, make_line

pytestmark = pytest.mark.django_db
NAMES = {
    "hy": "Հակոբյան Տիգրան Արամի",
    "ru": "Иванова Мария Сергеевна",
    "zh-hans": "欧阳建国",
    "ar": "عبد الرحمن بن علي",
    "en": "Mary O'Neil-Brown",
}


def search(text: str, **options: int):
    return search_subscribers(text=text, country_code="999", at=NOW, **options)


def names(text: str) -> list[str]:
    return [hit.name for hit in search(text)]


@pytest.fixture
def people(centre):
    return {language: make_account(name=name, language=language, centre=centre) for language, name in NAMES.items()}


@pytest.mark.parametrize(
    ("typed", "language"),
    [
        ("Hakobyan", "hy"),
        ("hakobian tigran", "hy"),
        ("Հակոբ", "hy"),
        ("ИВАНОВА", "ru"),
        ("maria ivanova", "ru"),
        ("欧阳", "zh-hans"),
        ("ouyang", "zh-hans"),
        ("الرحمن", "ar"),
        ("عبدالرحمن", "ar"),
        ("Abdul Rahman", "ar"),
        ("oneil", "en"),
        ("O'Neil", "en"),
    ],
)
def test_person_is_found_in_the_own_script_and_in_latin(people, typed, language):
    hits = search(typed)

    assert [(hit.name, hit.matched, hit.account_id) for hit in hits] == [
        (NAMES[language], Matched.NAME, people[language].pk)
    ]


@pytest.mark.parametrize(("typed", "language"), [("bdfyjdf", "ru"), ("Hakobjan", "hy"), ("ivanowa", "ru")])
def test_slip_is_a_guess_only_when_nothing_is_found(people, typed, language):
    hits = search(typed)

    assert [(hit.name, hit.matched) for hit in hits] == [(NAMES[language], Matched.GUESS)]


@pytest.mark.parametrize("typed", ["", "  ", "'", "-", "xyzzy plugh", "12"])
def test_nothing_is_found_by_nothing(people, typed):
    assert search(typed) == ()


@pytest.mark.parametrize(
    "typed", ["99910200000", "+999 10 200 000", "010200000", "10 200 000", "(10) 200-000", "٩٩٩١٠٢٠٠٠٠٠"]
)
def test_number_is_found_however_it_is_written(ani, typed):
    hits = search(typed)

    assert [(hit.matched, hit.number, hit.subscription_id, hit.holds_number_now) for hit in hits] == [
        (Matched.NUMBER, ani.number, ani.line.pk, True)
    ]


def test_earlier_holder_of_a_number_is_found_and_told_apart(ani):
    assignment = ani.line.numbers.get()
    release_number(assignment_id=assignment.pk, at=NOW, actor=None)

    assert [(hit.account_id, hit.holds_number_now) for hit in search(ani.number)] == [(ani.account.pk, False)]


def test_account_is_found_by_its_number(ani, najla):
    hits = search(f" {ani.account.number} ")

    assert [(hit.matched, hit.account_number) for hit in hits] == [(Matched.ACCOUNT, ani.account.number)]


def test_beginning_of_a_number_is_enough(ani, najla):
    assert [hit.number for hit in search("1020")] == [ani.number]
    assert names(najla.account.number[:-2]) == [ani.account.subscriber.name, najla.account.subscriber.name]


def test_hits_are_limited(centre):
    for _ in range(3):
        make_account(name="Hakobyan", centre=centre)

    assert len(search("Hakobyan", limit=2)) == 2


def test_queries_do_not_grow_with_hits(centre, django_assert_num_queries):
    for count in (1, 3):
        while len(search("Hakobyan")) < count:
            make_line(account=make_account(name="Hakobyan", centre=centre))
        with django_assert_num_queries(2):
            search("Hakobyan")
