import functools
import hashlib
import http.server
import os
import runpy
import threading
from pathlib import Path

import pytest
from conftest import ROOT

from rnn_helpers import corpora
from rnn_helpers.corpora import BOOKS, Book, gutenberg_body, load_text

HERE = os.environ.get(corpora.FOLDER)
needs_books = pytest.mark.skipif(not HERE, reason=f"{corpora.FOLDER} names no folder of books")
TEXT = "\ufeffOne é\r\ntwo\r\n".encode()


@pytest.fixture(autouse=True)
def empty_cache(tmp_path, monkeypatch):
    """No test reads or fills the user's own cache, or depends on the machine's books."""
    monkeypatch.delenv(corpora.FOLDER, raising=False)
    monkeypatch.setattr(corpora, "_cache", lambda: tmp_path / "cache")


@pytest.fixture
def server(tmp_path):
    """A web server on this machine with a folder to put files in: (folder, address, stop)."""
    folder = tmp_path / "web"
    folder.mkdir()

    class Handler(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *args):
            pass

    handler = functools.partial(Handler, directory=folder)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as running:
        thread = threading.Thread(target=running.serve_forever)
        thread.start()

        def stop():
            running.shutdown()
            running.server_close()

        yield folder, f"http://127.0.0.1:{running.server_port}/book.txt", stop
        running.shutdown()
        thread.join()


def add_book(monkeypatch, address, data=TEXT):
    book = Book("A book", "book.txt", address, hashlib.sha256(data).hexdigest())
    monkeypatch.setitem(BOOKS, "book", book)


def test_the_texts_of_the_series_need_no_network():
    for name, (file, _) in corpora.SERIES.items():
        assert load_text(name) == (ROOT / "data" / file).read_text(encoding="utf-8")
    assert {file for file, _ in corpora.SERIES.values()} == {
        p.name for p in (ROOT / "data").glob("*.txt")
    }


def test_a_file_of_ones_own_loses_its_mark_and_its_line_ends(tmp_path):
    path = tmp_path / "mine.txt"
    path.write_bytes(TEXT)
    assert load_text(path) == load_text(str(path)) == "One é\ntwo\n"


@pytest.mark.parametrize(
    "data, message",
    [(b"", "empty"), (b" \n", "empty"), (b"ok\nna\xefve", "byte 0xef at position 5, in line 2")],
)
def test_files_that_are_no_texts(tmp_path, data, message):
    path = tmp_path / "mine.txt"
    path.write_bytes(data)
    with pytest.raises(ValueError, match=message):
        load_text(path)


def test_no_file_a_folder_and_an_unknown_name(tmp_path):
    with pytest.raises(FileNotFoundError, match="no file"):
        load_text(tmp_path / "mine.txt")
    with pytest.raises(IsADirectoryError, match="is a folder"):
        load_text(tmp_path)
    with pytest.raises(ValueError, match="Did you mean 'story'"):
        load_text("storry")
    with pytest.raises(ValueError, match="Names: poem"):
        load_text("qqq")


def test_a_book_is_fetched_once(server, monkeypatch, capsys):
    folder, address, stop = server
    (folder / "book.txt").write_bytes(TEXT)
    add_book(monkeypatch, address)
    assert load_text("book") == "One é\ntwo\n"
    stop()
    assert load_text("book") == "One é\ntwo\n"
    assert capsys.readouterr() == ("", "")


def test_a_book_that_changed_is_refused_and_not_kept(server, monkeypatch):
    folder, address, _ = server
    (folder / "book.txt").write_bytes(b"something else")
    add_book(monkeypatch, address)
    with pytest.raises(ValueError, match="A book has changed"):
        load_text("book")
    assert not [p for p in corpora._cache().rglob("*") if p.is_file()]


def test_without_network_the_error_says_the_way_out(server, monkeypatch):
    _, address, stop = server
    stop()
    add_book(monkeypatch, address)
    with pytest.raises(ConnectionError, match=f"{corpora.FOLDER}.*poem, loss_and_memory, story"):
        load_text("book")
    assert not [p for p in corpora._cache().rglob("*") if p.is_file()]


def test_a_folder_of_books_comes_first(tmp_path, monkeypatch):
    add_book(monkeypatch, "http://127.0.0.1:9/never-asked")
    monkeypatch.setenv(corpora.FOLDER, str(tmp_path))
    (tmp_path / "book.txt").write_bytes(TEXT)
    assert load_text("book") == "One é\ntwo\n"
    (tmp_path / "book.txt").write_bytes(b"spoilt")
    with pytest.raises(ValueError, match="wrong SHA-256"):
        load_text("book")
    monkeypatch.setenv(corpora.FOLDER, str(tmp_path / "nowhere"))
    with pytest.raises(FileNotFoundError, match=corpora.FOLDER):
        load_text("book")


def test_gutenbergs_header_and_licence_are_cut():
    text = (
        "Licence\n*** START OF THIS PROJECT GUTENBERG EBOOK X ***\n\nProduced by someone\n\n"
        "X\n\nIt was.\n\nEnd of the Project Gutenberg EBook of X\n"
        "*** END OF THIS PROJECT GUTENBERG EBOOK X ***\nMore licence\n"
    )
    assert gutenberg_body(text) == "X\n\nIt was.\n"
    with pytest.raises(ValueError, match="found 0 such lines"):
        gutenberg_body("It was.\n")


def test_the_command_lists_every_text(capsys, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", "/nonexistent")
    runpy.run_path(str(Path(corpora.__file__)), run_name="__main__")
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == [*corpora.SERIES, *BOOKS]
    assert "with the series" in lines[0] and "to be fetched" in lines[-1]


@needs_books
@pytest.mark.parametrize(
    "name, characters, different, begins",
    [
        ("tale_of_two_cities", 757_248, 74, "A TALE OF TWO CITIES\n"),
        ("tiny_shakespeare", 1_115_394, 65, "First Citizen:\n"),
        ("road_not_taken", 748, 42, "The Road Not Taken\n"),
    ],
)
def test_the_books_are_what_they_should_be(name, characters, different, begins, monkeypatch):
    monkeypatch.setenv(corpora.FOLDER, HERE)
    text = load_text(name)
    assert (len(text), len(set(text))) == (characters, different)
    assert text.startswith(begins) and "Gutenberg" not in text
