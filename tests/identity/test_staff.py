"""Places and people."""

import pytest

from billing_site.identity.models import Department, ServiceCentre, User
from billing_site.identity.roles import CENTRE_ROLES, VERBS, Role
from billing_site.identity.staff import (
    CentreNeeded,
    PasswordTooWeak,
    PlaceCodeTaken,
    UnknownRole,
    UsernameTaken,
    change_language,
    create_department,
    create_service_centre,
    create_staff,
)

pytestmark = pytest.mark.django_db


def test_codes_of_places_are_taken_once(centre):
    with pytest.raises(PlaceCodeTaken):
        create_department(code=centre.department.code, names={})
    with pytest.raises(PlaceCodeTaken):
        create_service_centre(code=centre.code, department_id=centre.department_id, names={})

    assert (Department.objects.count(), ServiceCentre.objects.count()) == (1, 1)


def test_person_signs_in_by_a_password_that_the_rules_like():
    person = create_staff(username="ani", full_name="Ani", role="ACCOUNTANT", password="the-books-must-agree")

    assert person.check_password("the-books-must-agree")


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"role": "KING"}, UnknownRole),
        ({"role": "CLERK"}, CentreNeeded),
        ({"username": "specialist"}, UsernameTaken),
        ({"password": "short"}, PasswordTooWeak),
        ({"password": "password1234"}, PasswordTooWeak),
    ],
)
def test_person_who_cannot_be_is_refused(specialist, changes, refusal):
    values = {"username": "new", "full_name": "New", "role": "ACCOUNTANT", "password": None, **changes}

    with pytest.raises(refusal):
        create_staff(**values)

    assert list(User.objects.all()) == [specialist]


def test_person_without_a_password_cannot_sign_in(specialist):
    assert not specialist.has_usable_password()


def test_language_is_changed(clerk):
    assert change_language(user_id=clerk.pk, language="ar").language == "ar"
    clerk.refresh_from_db()
    assert clerk.language == "ar"


def test_every_role_has_its_verbs_and_nobody_both_sides_of_a_check():
    assert set(VERBS) == set(Role)
    assert {Role.CLERK, Role.CENTRE_SUPERVISOR} == CENTRE_ROLES
    for verbs in VERBS.values():
        assert not {"tariffs.draft_plan_version", "tariffs.publish_plan_version"} <= verbs
        assert not {"invoicing.start_bill_run", "invoicing.post_bill_run"} <= verbs
