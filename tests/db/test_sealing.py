"""Values sealed at rest: opened by our keys, for their own place, unchanged; and by no other way."""

import base64

import pytest
from django.core.exceptions import ImproperlyConfigured
from hypothesis import given, strategies as st

from billing_site.db.sealing import SealBroken, key_id_of, open_sealed, seal
from billing_site.db.sealing_keys import read_sealing_keys

OLD, NEW = bytes(range(32)), bytes(range(32, 64))
PLACE = "table.column"


@pytest.fixture
def keys(settings):
    def use(**ring):
        settings.SALDO_SEALING_KEYS = ring

    use(old=OLD)
    return use


@given(st.text(min_size=1))
def test_what_is_sealed_opens_again_and_never_looks_the_same(text):
    if "\ud800" <= max(text) <= "\udfff":
        return
    first, second = seal(text, place=PLACE), seal(text, place=PLACE)
    assert first != second
    assert first.startswith("sealed:")
    assert open_sealed(first, place=PLACE) == open_sealed(second, place=PLACE) == text
    if len(text) > 3:
        assert text not in first


def test_new_key_seals_and_the_old_one_still_opens(keys):
    before = seal("secret", place=PLACE)
    keys(new=NEW, old=OLD)
    after = seal("secret", place=PLACE)

    assert (key_id_of(before), key_id_of(after), key_id_of("secret")) == ("old", "new", "")
    assert open_sealed(before, place=PLACE) == open_sealed(after, place=PLACE) == "secret"
    keys(new=NEW)
    with pytest.raises(SealBroken) as caught:
        open_sealed(before, place=PLACE)
    assert "secret" not in str(caught.value).lower().replace("saldo_sealing", "")


def test_changed_moved_and_unsealed_values_do_not_open(keys):
    sealed = seal("secret", place=PLACE)
    raw = bytearray(base64.urlsafe_b64decode(sealed.rpartition(":")[2]))
    raw[-1] ^= 1
    changed = f"sealed:old:{base64.urlsafe_b64encode(bytes(raw)).decode()}"
    for value, place in ((changed, PLACE), (sealed, "table.other"), ("secret", PLACE), ("sealed:old:", PLACE)):
        with pytest.raises(SealBroken):
            open_sealed(value, place=place)
    assert (seal("", place=PLACE), open_sealed("", place=PLACE)) == ("", "")


def test_keys_are_read_in_order_and_must_be_whole():
    new, old = (base64.urlsafe_b64encode(key).decode() for key in (NEW, OLD))
    assert list(read_sealing_keys(f"k2:{new}, k1:{old}", instead="").items()) == [("k2", NEW), ("k1", OLD)]
    assert list(read_sealing_keys("", instead="a secret")) == ["development"]
    for wrong in ("k1", "k1:short", f":{new}", f"a b:{new}", ""):
        with pytest.raises(ImproperlyConfigured):
            read_sealing_keys(wrong, instead="")
