"""What the hub passes on between gates of a site, and what it forgets."""

from datetime import timedelta

from sync.hub.mailroom import KEPT_FOR, MOST_ROOMS, Mailroom
from sync.protocol import MAX_DATAGRAMS
from tests.builders import NOW

SECOND = timedelta(seconds=1)


def a_mailroom(*datagrams: str, room: str = "room") -> Mailroom:
    mailroom = Mailroom(NOW)
    mailroom.put("sender", [(room, datagram) for datagram in datagrams], NOW)
    return mailroom


def test_others_of_the_room_get_it_once_in_its_order() -> None:
    mailroom = a_mailroom("1", "2")
    after, datagrams = mailroom.get("reader", ["room"], 0, NOW)
    assert datagrams == ("1", "2")
    assert mailroom.get("reader", ["room"], after, NOW) == (after, ())
    mailroom.put("sender", [("room", "3")], NOW)
    assert mailroom.get("reader", ["room"], after, NOW)[1] == ("3",)


def test_neither_the_sender_nor_another_room_gets_it() -> None:
    mailroom = a_mailroom("1")
    assert mailroom.get("sender", ["room"], 0, NOW)[1] == ()
    assert mailroom.get("reader", ["other"], 0, NOW)[1] == ()
    assert mailroom.get("reader", ["other", "room"], 0, NOW)[1] == ("1",)


def test_what_does_not_fit_one_answer_comes_with_the_next() -> None:
    sent = tuple(str(number) for number in range(MAX_DATAGRAMS + 5))
    mailroom = a_mailroom(*sent)
    after, first = mailroom.get("reader", ["room"], 0, NOW)
    assert first + mailroom.get("reader", ["room"], after, NOW)[1] == sent


def test_after_ten_minutes_it_is_gone() -> None:
    mailroom = a_mailroom("1")
    assert mailroom.get("reader", ["room"], 0, NOW + KEPT_FOR - SECOND)[1] == ("1",)
    assert mailroom.get("reader", ["room"], 0, NOW + KEPT_FOR)[1] == ()
    mailroom.put("sender", [("other", "2")], NOW + KEPT_FOR)
    assert list(mailroom._rooms) == ["other"]


def test_a_hub_that_was_started_anew_has_later_numbers() -> None:
    after, _ = a_mailroom("1").get("reader", ["room"], 0, NOW)
    again = Mailroom(NOW + SECOND)
    again.put("sender", [("room", "2")], NOW)
    assert again.get("reader", ["room"], after, NOW)[1] == ("2",)


def test_memory_is_bounded() -> None:
    mailroom = Mailroom(NOW)
    for number in range(MOST_ROOMS + 10):
        mailroom.put("sender", [(str(number), "1")], NOW)
    assert len(mailroom._rooms) == MOST_ROOMS
    mailroom.put("sender", [("room", "1")] * 1000, NOW)
    assert len(mailroom._rooms["room"]) == 256
