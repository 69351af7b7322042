"""001-27: what is owed to an information station."""

from decimal import Decimal

from hypothesis import given, strategies as st

from rating.domain.premium_shares import Share, ShareKind, Used, owed_micro, split_owed

USED = st.builds(
    Used,
    calls=st.integers(-3, 1000),
    seconds=st.integers(-300, 10**6),
    billed_micro=st.integers(-(10**9), 10**12),
)
SHARES = st.one_of(
    st.builds(Share, kind=st.just(ShareKind.PERCENT), percent=st.decimals(0, 100, places=4, allow_nan=False)),
    st.builds(Share, kind=st.sampled_from([ShareKind.CALL, ShareKind.MINUTE]), amount_micro=st.integers(0, 10**9)),
)


def test_share_is_a_part_of_the_amount_or_a_sum_for_each_call_or_minute():
    used = {"calls": 3, "seconds": 90, "billed_micro": 10_000_001}

    assert owed_micro(share=Share(kind=ShareKind.PERCENT, percent=Decimal("12.5")), **used) == 1_250_000
    assert owed_micro(share=Share(kind=ShareKind.CALL, amount_micro=2_000_000), **used) == 6_000_000
    assert owed_micro(share=Share(kind=ShareKind.MINUTE, amount_micro=1_000_001), **used) == 1_500_002


@given(SHARES, st.lists(USED, max_size=20))
def test_parts_of_the_customers_sum_to_what_is_owed(share: Share, used: list[Used]):
    whole = owed_micro(
        share=share,
        calls=sum(one.calls for one in used),
        seconds=sum(one.seconds for one in used),
        billed_micro=sum(one.billed_micro for one in used),
    )

    assert sum(split_owed(share=share, used=used)) == whole
