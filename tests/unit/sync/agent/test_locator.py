from hypothesis import given
from hypothesis import strategies as st

from sync.agent.locator import locator
from sync.protocol import MAX_LOCATOR


def test_an_empty_log_offers_its_genesis() -> None:
    assert locator(0) == [0]


def test_a_short_log_offers_everything() -> None:
    assert locator(5) == [5, 4, 3, 2, 1, 0]


def test_a_long_log_offers_the_last_nine_and_ever_wider_steps() -> None:
    assert locator(100) == [100, 99, 98, 97, 96, 95, 94, 93, 92, 90, 86, 78, 62, 30, 0]


@given(st.integers(0, 10**12), st.data())
def test_after_any_loss_the_common_entry_is_near(last: int, data: st.DataObject) -> None:
    places = locator(last)
    assert places == sorted(set(places), reverse=True)
    assert len(places) <= MAX_LOCATOR
    lost = data.draw(st.integers(0, last))
    common = next(place for place in places if place <= last - lost)
    assert last - lost - common <= lost + 2
