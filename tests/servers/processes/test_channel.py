"""A connection's channel on a real pair of sockets, and the sign that a request has arrived."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from servers.supervision import channel as channels
from servers.supervision.arrival import HELD_BODY, MOST_HEAD, is_too_long, is_whole
from servers.supervision.channel import Channel, Room

LARGE = b"0123456789abcdef" * 2**18


@pytest.fixture
def pair() -> Iterator[tuple[socket.socket, socket.socket]]:
    ours, theirs = socket.socketpair()
    theirs.settimeout(20)
    yield ours, theirs
    theirs.close()


def all_of(theirs: socket.socket, count: int) -> bytes:
    got = b""
    while len(got) < count:
        got += theirs.recv(2**20)
    return got


def test_what_a_reader_does_not_take_waits_without_a_thread(pair):
    room = Room(2**23)
    with Channel(pair[0], room) as channel:
        channel.sendall(LARGE)
        channel.sendall(b"end")
        assert 0 < channel.held == room.taken <= len(LARGE) + 3
        assert not channel.flush()
        got = b""
        while not channel.flush():
            got += pair[1].recv(2**20)
        assert got + all_of(pair[1], len(LARGE) + 3 - len(got)) == LARGE + b"end"
        assert room.taken == 0


def test_where_too_much_waits_already_a_thread_waits_with_it(pair):
    room = Room(1000)
    with Channel(pair[0], room) as channel:
        sender = threading.Thread(target=channel.sendall, args=(LARGE,))
        sender.start()
        assert all_of(pair[1], len(LARGE)) == LARGE
        sender.join(20)
        assert not sender.is_alive()
        assert room.taken == channel.held


def test_what_waits_is_forgotten_with_the_connection(pair):
    room = Room(2**23)
    channel = Channel(pair[0], room)
    channel.sendall(LARGE)
    assert room.taken > 0
    channel.close()
    assert room.taken == 0


def test_a_reader_that_is_gone_is_an_error(pair):
    with Channel(pair[0], Room(2**23)) as channel:
        channel.sendall(LARGE)
        pair[1].close()
        with pytest.raises(ConnectionError, match=r"Broken pipe|Connection reset"):
            channel.flush()
        assert channel.held > 0


def test_a_writer_that_stalls_is_an_error_of_the_connection(pair):
    with Channel(pair[0]) as channel:
        channel.incoming.begin(0.05)
        with pytest.raises(ConnectionResetError, match="too slow"):
            channel.recv(10)


def test_a_bounded_wait_ends_as_a_socket_s_does(pair):
    with Channel(pair[0]) as channel:
        channel.incoming.begin(20)
        channel.settimeout(0.05)
        with pytest.raises(TimeoutError, match="timed out"):
            channel.recv(10)
        pair[1].sendall(b"there")
        assert channel.recv(10) == b"there"


def test_no_reader_holds_a_thread_longer_than_it_makes_progress(pair, monkeypatch):
    monkeypatch.setattr(channels, "NO_PROGRESS_S", 0.1)
    with Channel(pair[0], Room(0)) as channel, pytest.raises(ConnectionResetError, match="too slow"):
        channel.sendall(LARGE)


def test_bytes_that_were_read_ahead_come_first(pair):
    with Channel(pair[0]) as channel:
        pair[1].sendall(b"abcdef")
        assert channel.take_in()
        pair[1].sendall(b"ghi")
        assert (channel.recv(4), channel.recv(4), channel.recv(4)) == (b"abcd", b"ef", b"ghi")
        pair[1].close()
        assert not channel.take_in()


REQUESTS = [
    b"GET / HTTP/1.1\r\nHost: a\r\n\r\n",
    b"PUT / HTTP/1.1\r\nContent-Length: 12\r\n\r\nabcdefghijkl",
    b"PUT / HTTP/1.1\r\ncontent-length:12  \r\nX: y\r\n\r\nabcdefghijkl",
    b"PUT / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
    b"PUT / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nTrailer: x\r\n\r\n",
]


@pytest.mark.parametrize("request_", REQUESTS)
def test_a_request_has_arrived_with_its_last_byte(request_):
    assert [is_whole(request_[:end]) for end in range(len(request_) + 1)] == [False] * len(request_) + [True]


@pytest.mark.parametrize(
    "arrived",
    [
        b"GET / HTTP/1.1\n",
        b"GET / HTTP/1.1\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n",
        b"GET / HTTP/1.1\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"PUT / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n",
        b"PUT / HTTP/1.1\r\nContent-Length: 9000000\r\n\r\n",
        b"PUT / HTTP/1.1\r\nContent-Length: 900000\r\n\r\n" + b"x" * HELD_BODY,
        b"PUT / HTTP/1.1\r\nContent-Length: nonsense\r\n\r\n",
        b"PUT / HTTP/1.1\r\nTransfer-Encoding: gzip\r\n\r\n",
    ],
)
def test_what_cannot_become_right_or_need_not_be_whole_is_not_waited_for(arrived):
    assert is_whole(arrived, most_body=2**20)


@given(st.binary(max_size=200))
def test_any_bytes_are_judged(arrived):
    assert is_whole(arrived) in (True, False)
    assert not is_too_long(arrived)


def test_a_head_without_end_is_too_long():
    assert is_too_long(b"x" * (MOST_HEAD + 1))
    assert not is_too_long(REQUESTS[0] + b"x" * MOST_HEAD)
