"""Static files, as Django's handlers give them."""

from django.test import Client

from tests.cast import DESK, client_of

PATH = "/static/shared/thread.js"


def test_a_file_comes_whole_and_not_as_a_stream() -> None:
    answer = _client().get(PATH)

    assert answer.status_code == 200
    assert not answer.streaming
    assert answer["Content-Type"].startswith("text/javascript")
    assert int(answer["Content-Length"]) == len(answer.content) > 0


def test_an_unchanged_file_is_not_sent_again() -> None:
    first = _client().get(PATH)

    again = _client().get(PATH, headers={"if-modified-since": first["Last-Modified"]})

    assert again.status_code == 304
    assert again.content == b""


def test_part_of_a_file_is_only_that_part() -> None:
    answer = _client().get(PATH, headers={"range": "bytes=0-9"})

    assert answer.status_code == 206
    assert answer.content == _client().get(PATH).content[:10]


def test_what_is_not_there_is_not_found() -> None:
    assert _client().get("/static/shared/absent.js").status_code == 404


def _client() -> Client:
    return client_of(DESK)
