"""Every head, trailer and join that a map can have is the same once it was shown in fields and saved."""

from hypothesis import given, strategies as st

from rating.forms.source_frames import OF_FIELDS, frame_declaration, take_frame

_MARK = st.text("HTRLD0123", min_size=1, max_size=5)
_FIELD = st.integers(min_value=0, max_value=99)


@given(
    dialect=st.sampled_from(sorted(OF_FIELDS)),
    head=st.none() | st.fixed_dictionaries({"begins_with": _MARK, "source_field": _FIELD}),
    trailer=st.none()
    | st.fixed_dictionaries({"begins_with": _MARK, "count_field": _FIELD}, optional={"seconds_field": _FIELD}),
    joins=st.none() | st.booleans(),
    services=st.none() | st.dictionaries(_MARK, st.sampled_from(["VOICE", "DATA"]), min_size=1),
)
def test_every_map_comes_back_from_its_fields(dialect, head, trailer, joins, services):
    given_map = {"head": head, "trailer": trailer, "joins": joins, "services": services}
    declared = {name: value for name, value in given_map.items() if value is not None}
    rest = dict(declared)
    fields = take_frame(dialect, rest)
    assert rest == {}
    typed = {name: "" if value is None and "sequence" not in name else value for name, value in fields.items()}
    assert frame_declaration({**typed, "dialect": dialect}) == declared
