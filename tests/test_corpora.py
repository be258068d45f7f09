import contextlib
import errno
import functools
import hashlib
import http.server
import logging
import os
import runpy
import socket
import threading
from pathlib import Path

import pooch
import pytest
from conftest import ROOT

from rnn_helpers import corpora
from rnn_helpers.corpora import BOOKS, Book, gutenberg_body, load_text

HERE = os.environ.get(corpora.CORPORA_DIR)
needs_books = pytest.mark.skipif(
    not HERE, reason=f"{corpora.CORPORA_DIR} names no folder of books"
)
TEXT = "\ufeffOne é\r\ntwo\r\n".encode()


@pytest.fixture(autouse=True)
def empty_cache(tmp_path, monkeypatch):
    """No test reads or fills the user's own cache, or depends on the machine's books."""
    monkeypatch.delenv(corpora.CORPORA_DIR, raising=False)
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


def nothing_kept():
    return not [p for p in corpora._cache().rglob("*") if p.is_file()]


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
    path.write_bytes(b"One\rtwo\r")
    assert load_text(path) == "One\ntwo\n"


def test_the_last_twentieth_is_held_out():
    text = "".join(map(chr, range(100)))
    assert corpora.split(text) == (text[:95], text[95:])
    assert corpora.split(text[:19]) == (text[:18], text[18:19])


@pytest.mark.parametrize(
    "data, message",
    [
        (b"", "mine.txt is empty"),
        (b" \n", "mine.txt is empty"),
        ("\ufeff".encode(), "mine.txt is empty"),
        ("\ufeff \r\n".encode(), "mine.txt is empty"),
        (b"ok\nna\xefve", "byte 0xef at position 5, in line 2.*encoding='cp1252'"),
        (b"\n\xef", "byte 0xef at position 1, in line 2"),
        ("text".encode("utf-16"), "not UTF-8.*encoding='utf-16'"),
    ],
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
    for source in (None, 3, b"story", ["story"]):
        with pytest.raises(TypeError, match="source must be a name or a path"):
            load_text(source)


def test_a_book_is_fetched_once(server, monkeypatch, capsys):
    folder, address, stop = server
    (folder / "book.txt").write_bytes(TEXT)
    add_book(monkeypatch, address)
    monkeypatch.setattr(pooch.get_logger(), "level", logging.INFO)
    assert load_text("book") == "One é\ntwo\n"
    stop()
    assert load_text("book") == "One é\ntwo\n"
    assert capsys.readouterr() == ("", "")
    assert pooch.get_logger().level >= logging.ERROR  # its handler may write past pytest


def test_a_book_that_changed_is_refused_and_not_kept(server, monkeypatch):
    folder, address, _ = server
    (folder / "book.txt").write_bytes(b"something else")
    add_book(monkeypatch, address)
    with pytest.raises(ValueError, match="A book was not downloaded completely, or has changed"):
        load_text("book")
    assert nothing_kept()


def test_without_network_the_error_says_the_way_out(server, monkeypatch):
    _, address, stop = server
    stop()
    add_book(monkeypatch, address)
    message = f"network connection.*{corpora.CORPORA_DIR}.*poem, loss_and_memory, story"
    with pytest.raises(ConnectionError, match=message):
        load_text("book")
    assert nothing_kept()


def test_what_the_server_answers_is_said(server, monkeypatch):
    add_book(monkeypatch, server[1])
    with pytest.raises(ConnectionError, match="the server answered 404 File not found"):
        load_text("book")


def test_an_address_that_requests_refuses_is_not_a_wrong_checksum(monkeypatch):
    add_book(monkeypatch, "http://")  # as a proxy without a name: an error of the type ValueError
    with pytest.raises(ConnectionError, match="could not be downloaded .InvalidURL"):
        load_text("book")


@pytest.mark.parametrize("page", ["<!DOCTYPE html><p>Log in", "\n<html lang='en'>", "<HTML>"])
def test_a_page_to_log_in_on_is_no_book(server, monkeypatch, page):
    folder, address, _ = server
    (folder / "book.txt").write_text(page)
    add_book(monkeypatch, address)
    with pytest.raises(ConnectionError, match="got a web page instead, perhaps one to log in on"):
        load_text("book")
    assert nothing_kept()


def test_a_server_that_never_answers_is_given_up(monkeypatch):
    """This one answers after 20 seconds, or at the end of the test: too late for the book."""
    over = threading.Event()

    def answer_late():
        connection, _ = listener.accept()
        with connection:
            connection.recv(1000)
            over.wait(20)
            with contextlib.suppress(OSError):
                length = f"Content-Length: {len(TEXT)}"
                connection.sendall(f"HTTP/1.0 200 OK\r\n{length}\r\n\r\n".encode() + TEXT)

    monkeypatch.setattr(corpora, "TIMEOUT", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        add_book(monkeypatch, f"http://127.0.0.1:{listener.getsockname()[1]}/book.txt")
        thread = threading.Thread(target=answer_late)
        thread.start()
        try:
            with pytest.raises(ConnectionError, match="no answer within 0.2 seconds"):
                load_text("book")
        finally:
            over.set()
            thread.join()


def test_a_reader_waits_half_a_minute_at_most():
    assert 0 < corpora.TIMEOUT <= 30


def test_a_full_disk_is_not_blamed_on_the_network(server, monkeypatch):
    folder, address, _ = server
    (folder / "book.txt").write_bytes(TEXT)
    add_book(monkeypatch, address)

    def fill(*args, **kwargs):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(pooch.HTTPDownloader, "__call__", fill)
    with pytest.raises(OSError, match="stored in .*cache .No space left on device") as error:
        load_text("book")
    assert not isinstance(error.value, ConnectionError) and "network connection" not in str(error)
    assert nothing_kept()


@pytest.mark.parametrize("part", ["cache", "."])
def test_a_file_where_the_cache_should_be(server, monkeypatch, tmp_path, part):
    folder, address, _ = server
    (folder / "book.txt").write_bytes(TEXT)
    add_book(monkeypatch, address)
    (tmp_path / "cache").write_text("a file")
    monkeypatch.setattr(corpora, "_cache", lambda: tmp_path / "cache" / part)
    with pytest.raises(OSError, match="A book could not be stored in .*make it a folder") as error:
        load_text("book")
    assert not isinstance(error.value, ConnectionError)


def test_a_folder_of_books_comes_first(tmp_path, monkeypatch):
    add_book(monkeypatch, "http://127.0.0.1:9/never-asked")
    monkeypatch.setenv(corpora.CORPORA_DIR, str(tmp_path))
    (tmp_path / "book.txt").write_bytes(TEXT)
    assert load_text("book") == "One é\ntwo\n"
    (tmp_path / "book.txt").write_bytes(b"spoilt")
    with pytest.raises(ValueError, match="book.txt has been changed or damaged.*wrong SHA-256"):
        load_text("book")
    (tmp_path / "book.txt").write_bytes(b"<!doctype html>")
    with pytest.raises(ValueError, match="book.txt is a web page.*wrong SHA-256"):
        load_text("book")


def test_the_folder_of_books_may_begin_with_the_home_folder(tmp_path, monkeypatch):
    add_book(monkeypatch, "http://127.0.0.1:9/never-asked")
    for variable in ("HOME", "USERPROFILE"):
        monkeypatch.setenv(variable, str(tmp_path))
    (tmp_path / "books").mkdir()
    (tmp_path / "books" / "book.txt").write_bytes(TEXT)
    monkeypatch.setenv(corpora.CORPORA_DIR, "~/books")
    assert load_text("book") == "One é\ntwo\n"


@pytest.mark.parametrize("name", ["nowhere", "a_file"])
def test_a_wrong_folder_of_books_is_named(tmp_path, monkeypatch, name):
    (tmp_path / "a_file").write_text("x")
    monkeypatch.setenv(corpora.CORPORA_DIR, str(tmp_path / name))
    message = f"variable {corpora.CORPORA_DIR} is set to .*{name}.*not a folder.*Set it to"
    with pytest.raises(FileNotFoundError, match=message):
        load_text("alice")
    with pytest.raises(SystemExit, match=message):
        runpy.run_path(str(Path(corpora.__file__)), run_name="__main__")
    assert load_text("story")


def test_gutenbergs_header_and_licence_are_cut():
    text = (
        "Licence\n*** START OF THIS PROJECT GUTENBERG EBOOK X ***\n\nProduced by someone\n\n"
        "X\n\nIt was.\n\nEnd of the Project Gutenberg EBook of X\n"
        "*** END OF THIS PROJECT GUTENBERG EBOOK X ***\nMore licence\n"
    )
    assert gutenberg_body(text) == "X\n\nIt was.\n"


START, END = "*** START OF X ***\n", "*** END OF X ***\n"


@pytest.mark.parametrize(
    "text, found",
    [
        ("", "neither"),
        (START, "START"),
        (END, "END"),
        (START + "It was.\n" + START, "START, START"),
        (END + "It was.\n" + START, "END, START"),
        (START + "It was.\n" + END + START + END, "START, END, START, END"),
    ],
)
def test_a_book_without_its_two_markers_is_refused(text, found):
    with pytest.raises(ValueError, match=f"but found {found}$"):
        gutenberg_body("It was.\n" + text)
    assert gutenberg_body(START + "It was.\n" + END) == "It was.\n"


def test_the_command_lists_every_text(capsys, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", "/nonexistent")
    runpy.run_path(str(Path(corpora.__file__)), run_name="__main__")
    lines = capsys.readouterr().out.splitlines()
    assert (
        [line.split()[0] for line in lines]
        == corpora.NAMES
        == [*corpora.SERIES, *BOOKS, "declaration"]
    )
    assert "part of the series" in lines[0] and "not downloaded yet" in lines[-1]


def test_the_command_says_which_books_are_here(tmp_path, capsys, monkeypatch):
    monkeypatch.setenv(corpora.CORPORA_DIR, str(tmp_path))
    (tmp_path / BOOKS["alice"].file).write_bytes(b"any")
    corpora.main()
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == corpora.NAMES
    here = {line.split()[0] for line in lines if "on this machine" in line}
    missing = {line.split()[0] for line in lines if "not downloaded yet" in line}
    assert here == {"alice"} and missing == {*BOOKS, "declaration"} - here
    (tmp_path / "udhr").mkdir()
    for book in corpora.DECLARATION.values():
        (tmp_path / book.file).write_bytes(b"any")
    corpora.main()
    assert "on this machine" in capsys.readouterr().out.splitlines()[-1]


@needs_books
@pytest.mark.parametrize(
    "name, characters, different, begins",
    [
        ("tale_of_two_cities", 757_248, 74, "A TALE OF TWO CITIES\n"),
        ("alice", 144_436, 73, "ALICE’S ADVENTURES IN WONDERLAND\n"),
        ("tiny_shakespeare", 1_115_394, 65, "First Citizen:\n"),
        ("road_not_taken", 748, 42, "The Road Not Taken\n"),
        ("declaration", 138_340, 184, "VŠEOBECNÁ DEKLARACE LIDSKÝCH PRÁV\n"),
    ],
)
def test_the_books_are_what_they_should_be(name, characters, different, begins, monkeypatch):
    monkeypatch.setenv(corpora.CORPORA_DIR, HERE)
    text = load_text(name)
    assert (len(text), len(set(text))) == (characters, different)
    assert text.startswith(begins) and "Gutenberg" not in text


@needs_books
def test_the_declaration_is_the_same_in_thirteen_languages(monkeypatch):
    monkeypatch.setenv(corpora.CORPORA_DIR, HERE)
    languages = corpora.load_declaration()
    assert len(languages) == 13 and list(languages)[-1] == corpora.KEPT_OUT
    for language, text in languages.items():
        lines = text.split("\n")
        assert 89 <= len(lines) <= 96 and all(line == line.strip() != "" for line in lines)
        assert "Unicode" not in text and 9_000 < len(text) < 13_000, language
    together = load_text("declaration").split("\n\n")
    assert together == list(languages.values())[:-1]


def test_a_file_of_the_declaration_is_fetched_into_a_folder_of_its_own(server, monkeypatch):
    folder, address, _ = server
    text = "A header\n---\n\n  One \n\n  two\n"
    (folder / "book.txt").write_text(text)
    sha = hashlib.sha256(text.encode()).hexdigest()
    book = Book("A part", "udhr/one.txt", address, sha, corpora.declaration_body)
    monkeypatch.setattr(corpora, "DECLARATION", {"One": book, "Two": book, "Greek": book})
    assert load_text("declaration") == "One\ntwo\n\nOne\ntwo"
    assert (corpora._cache() / "udhr" / "one.txt").read_text() == text


def test_a_declaration_without_its_rule_is_refused():
    with pytest.raises(ValueError, match="expected a line '---' at the end of the header"):
        corpora.declaration_body("A header\n--\nOne")
