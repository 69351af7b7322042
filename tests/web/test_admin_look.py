"""Django's admin wears our colours, under our policy, in every direction."""

import pytest

pytestmark = [pytest.mark.django_db]


@pytest.mark.parametrize(("language", "direction"), [("hy", "ltr"), ("ar", "rtl")])
def test_admin_is_ours_in_colour_and_direction(client, administrator, language, direction):
    client.force_login(administrator)

    answer = client.get("/admin/", headers={"Accept-Language": language})

    assert answer.status_code == 200
    assert "css/admin.css" in answer.text
    assert f'lang="{language}" dir="{direction}"' in answer.text
    assert " style=" not in answer.text
