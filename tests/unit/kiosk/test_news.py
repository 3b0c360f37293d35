import msgspec
import pytest

from scanner.domain.entries import TrustWay
from scanner.gate.messages import StickState, StickTold, TrustChanged, TrustTopic
from scanner.gate.status import KeysTrouble
from scanner.kiosk.news import is_worth_telling, news_of
from scanner.kiosk.words import SHIPPED, load, speech

CAME = TrustChanged(
    before="3.41", after="3.42", way=TrustWay.STICK, signers=("A", "B"), added=("44",)
)


def test_keys_are_shown_as_what_they_are() -> None:
    news = news_of(CAME, speech(("en", "zh_CN")))
    assert news.headline[0] == "Keys updated: 3.41 → 3.42"
    assert news.detail == (
        "from the stick, which may be taken out · new: Guangdong · signed by A, B"
    )
    assert not news.is_refusal


def test_the_first_keys_have_no_before() -> None:
    first = msgspec.structs.replace(CAME, before=None)
    assert news_of(first, speech(("en", "zh_CN"))).headline[0] == "Keys installed: 3.42"


def test_many_names_are_counted() -> None:
    all_of_them = msgspec.structs.replace(CAME, added=("11", "12", "13", "14", "15"))
    assert "and 2 more" in news_of(all_of_them, speech(("en", "zh_CN"))).detail


@pytest.mark.parametrize("state", StickState)
def test_a_stick_that_is_not_used_is_an_attention(state: StickState) -> None:
    used = (StickState.READING, StickState.TAKEN, StickState.SAME)
    news = news_of(StickTold(state=state), speech(("en", "zh_CN")))
    assert news.is_refusal is (state not in used)


@pytest.mark.parametrize("language", SHIPPED)
def test_every_state_way_and_topic_has_words(language: str) -> None:
    words = load(language)
    keys = [f"keys_trouble.{trouble.value}" for trouble in KeysTrouble]
    keys += [f"stick.{state.value}" for state in StickState]
    keys += [f"trust.topic.{topic.value}" for topic in TrustTopic]
    keys += [f"trust.way.{way.value}" for way in TrustWay if way is not TrustWay.UNKNOWN]
    assert all(words(key) for key in keys)


def test_a_hub_that_only_vouches_anew_disturbs_nobody() -> None:
    same = msgspec.structs.replace(CAME, added=(), way=TrustWay.HUB)
    assert not is_worth_telling(same)
    assert is_worth_telling(msgspec.structs.replace(same, topics=(TrustTopic.RULES,)))
    assert is_worth_telling(msgspec.structs.replace(same, way=TrustWay.STICK))
