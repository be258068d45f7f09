"""Where texts come from: the series, public-domain books by name, or a file of your own.

``python -m rnn_helpers.corpora`` lists the names and says which books are on this machine.
"""

import codecs
import difflib
import hashlib
import os
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

DATA = Path(__file__).parent.parent / "data"
CORPORA_DIR = "RNN_CORPORA_DIR"  # environment variable: a folder that holds books already
TIMEOUT = 30  # seconds without an answer, after which a download is given up

SERIES = {
    "poem": ("poem.txt", "The Night Ferry, a poem"),
    "loss_and_memory": ("loss_and_memory.txt", "On paying for wrong guesses"),
    "story": ("story.txt", "A Word Ahead, a story"),
}


def gutenberg_body(text):
    """The book itself, without Project Gutenberg's header, licence and production notes.

    Raises ValueError unless there is one START marker, and one END marker after it.
    """
    marker = r"^\*\*\* ?(START|END) OF .*\*\*\*$"
    found = list(re.finditer(marker, text, flags=re.MULTILINE))
    kinds = [match[1] for match in found]
    if kinds != ["START", "END"]:
        raise ValueError(
            "expected one '*** START OF' line of Project Gutenberg and then one '*** END OF' "
            f"line, but found {', '.join(kinds) or 'neither'}"
        )
    notes = r"^(?:Produced by .*|End of (?:the )?Project Gutenberg.*)$"
    body = text[found[0].end() : found[1].start()]
    return re.sub(notes, "", body, flags=re.MULTILINE).strip() + "\n"


def declaration_body(text):
    """The paragraphs after the header of a file of "UDHR in Unicode", one a line."""
    _, rule, body = text.partition("\n---\n")
    if not rule:
        raise ValueError("expected a line '---' at the end of the header, but found none")
    lines = [line.strip() for line in body.splitlines()]
    return "\n".join(line for line in lines if line)


class Book(NamedTuple):
    """A text that anyone may copy, at a fixed commit of a public repository."""

    title: str
    file: str  # its name in the cache, and in the folder that RNN_CORPORA_DIR names
    address: str
    sha256: str  # of the file as it is downloaded
    body: Callable[[str], str] = str  # takes the text out of what stands around it in the file


def _github(repository, commit, path):
    return f"https://raw.githubusercontent.com/{repository}/{commit}/{path}"


BOOKS = {
    "tale_of_two_cities": Book(
        "A Tale of Two Cities, Charles Dickens, 1859",
        "tale_of_two_cities_pg98_full.txt",
        _github(
            "GITenberg/A-Tale-of-Two-Cities_98",
            "0f6111bc7237af7375295ec1754c2e57e19f67f1",
            "98-0.txt",
        ),
        "2fcfa071498b30724bd1bd714ba89e38477d632b86d74e87559f6259d3917e36",
        body=gutenberg_body,
    ),
    "alice": Book(
        "Alice's Adventures in Wonderland, Lewis Carroll, 1865",
        "alice_pg11_full.txt",
        _github(
            "GITenberg/Alice-s-Adventures-in-Wonderland_11",
            "7f18748e114b994d5d9454d5793581bc0b9cf9d7",
            "11-0.txt",
        ),
        "49a0b2726606e1290ac03a63978fa1dd1bd38a8d805704d98265f393533ea094",
        body=gutenberg_body,
    ),
    "tiny_shakespeare": Book(
        "Plays (excerpts), William Shakespeare, c. 1590-1613",
        "tiny_shakespeare.txt",
        _github(
            "karpathy/char-rnn",
            "6f9487a6fe5b420b7ca9afb0d7c078e37c1d1b4e",
            "data/tinyshakespeare/input.txt",
        ),
        "86c4e6aa9db7c042ec79f339dcb96d42b0075e16b8fc2e86bf0ca57e2dc565ed",
    ),
    "road_not_taken": Book(
        "The Road Not Taken, Robert Frost, 1915",
        "road_not_taken.txt",
        _github(
            "pyaf/deep-learning-from-scratch",
            "edd85e295f5318bde1ef5de15493ab648bd8dfbe",
            "data/text-data.txt",
        ),
        "9aba8703f429e099a9667c0b4ef8719a78ef479892f14bb87529f52ce940bcf7",
    ),
}

# The Universal Declaration of Human Rights: a code of the language, and the SHA-256 of its file.
_LANGUAGES = {
    "Czech": ("ces", "c90c6d52b1b21dd3eed7a64027483affb64070352bad85fe2bd559cc294d6838"),
    "Dutch": ("nld", "f6bac0765443696be5ea4a79cd060038055de1ab07dea15cc84173712be23df0"),
    "English": ("eng", "8aee3ed2ec05b739e20c60c4df3d60f74c9737dd6c994c88f46a12fb6f90343f"),
    "French": ("fra", "7ae301d00cc6977cd9b7a15100998af99f9c186b3f9185956b533e01866caf2f"),
    "German": ("deu_1996", "c618711e9347dbcb6c59e9a414bab4c2a0af60cc226b9df505f2292622791a24"),
    "Icelandic": ("isl", "b8ca4e84e3a569c37be97477822064cb5e9eae1e41d9cf9767e3e8e04d67a7c7"),
    "Italian": ("ita", "c56b38f3d316252e61e1a243d92d484f227ecba79aed53245dba9582ed3f0993"),
    "Polish": ("pol", "a3022c2fa4d21bb17b0461dfca0a5aafe445b08411826da5bf33d547ff891393"),
    "Portuguese": ("por_PT", "3373fbcb99a71be95f694d78e27b3ae7246dc26644dcf5a66583c004d07c2e44"),
    "Russian": ("rus", "52ea3c7f8aa5ea4dda12935fde96ede0b4715e0372746a603017c65c574828c0"),
    "Spanish": ("spa", "406886612668e3e72adff970b78015688142de9e43e2def379b3ee7ffd49f38f"),
    "Swedish": ("swe", "5817c2d68c566b1686db85bb76913ab5886d4babf00f716bdeff526ddd7a5eea"),
    "Greek": ("ell_monotonic", "39284eee14239f98682fae60dccd134b49c64175708ecace254d53feb74e0d38"),
}
DECLARATION = {
    language: Book(
        f"Universal Declaration of Human Rights, United Nations, 1948, in {language}",
        f"udhr/udhr_{code}.txt",
        _github(
            "unicode-corpus/udhr-in-unicode",
            "f4613da524602e5ebe85b5410c5b2100a9df291e",
            f"data/txt/udhr_{code}.txt",
        ),
        sha256,
        body=declaration_body,
    )
    for language, (code, sha256) in _LANGUAGES.items()
}
KEPT_OUT = "Greek"  # no network of the series has read it
NAMES = [*SERIES, *BOOKS, "declaration"]


def load_text(source):
    """Return a text as one str, with line feeds.

    Parameters
    ----------
    source : str or Path
        A name that ``python -m rnn_helpers.corpora`` lists, or the path of a UTF-8 file
        (a Path, or a str with a dot or a slash in it).

    Raises
    ------
    TypeError
        If source is neither a str nor a Path.
    ValueError
        If there is no text of this name, if the file is empty or not UTF-8, or if a book has
        a wrong checksum.
    OSError
        If a file does not exist or is a folder (FileNotFoundError, IsADirectoryError), or if
        a book is not on this machine and cannot be downloaded (ConnectionError) or stored.
    """
    if not isinstance(source, str | os.PathLike):
        raise TypeError(f"source must be a name or a path, not {type(source).__name__}")
    if source in SERIES:
        return read_file(DATA / SERIES[source][0])
    if source in BOOKS:
        return load_book(BOOKS[source])
    if source == "declaration":
        languages = load_declaration()
        return "\n\n".join(languages[name] for name in languages if name != KEPT_OUT)
    if not isinstance(source, str) or re.search(r"[./\\]", source):
        return read_file(source)
    near = difflib.get_close_matches(source, NAMES, n=1)
    hint = f"Did you mean {near[0]!r}? " if near else ""
    raise ValueError(
        f"no text is called {source!r}. {hint}Names: {', '.join(NAMES)}; "
        "or give the path of a file of your own, such as 'texts/mine.txt'"
    )


def split(text):
    """Split a text in two: 95 % for training, and the last 5 % held out for testing."""
    end = 19 * len(text) // 20
    return text[:end], text[end:]


def read_file(path):
    """Read a UTF-8 file of your own; errors say what is wrong with it and where."""
    path = Path(path)
    if path.is_dir():
        raise IsADirectoryError(f"{path} is a folder; give the path of one text file in it")
    if not path.is_file():
        raise FileNotFoundError(f"there is no file {path} (the current folder is {Path.cwd()})")
    return _decode(path.read_bytes(), path)


def load_book(book):
    """Read a book from RNN_CORPORA_DIR or the cache, or download it; return the text alone."""
    return book.body(_decode(_find(book).read_bytes(), book.file))


def load_declaration():
    """The Universal Declaration of Human Rights in thirteen languages: {language: text}.

    One paragraph a line; Greek, which ``load_text("declaration")`` leaves out, is the last.
    Errors as for `load_text`.
    """
    return {language: load_book(book) for language, book in DECLARATION.items()}


def _decode(data, name):
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        utf_16 = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
        raise ValueError(
            f"{name} is not UTF-8: byte {data[error.start]:#04x} at position {error.start}, in "
            f"line {line}. Save it as UTF-8, or read it yourself with its own encoding: "
            f"Path({str(name)!r}).read_text(encoding={'utf-16' if utf_16 else 'cp1252'!r})"
        ) from None
    if not text.strip():
        raise ValueError(f"{name} is empty; a network needs a text to learn from")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _cache():
    import pooch

    return Path(pooch.os_cache("rnn_helpers"))


def _local(book):
    """Where the book is on this machine, or None."""
    folder = os.environ.get(CORPORA_DIR)
    if folder and not Path(folder).expanduser().is_dir():
        raise FileNotFoundError(
            f"the environment variable {CORPORA_DIR} is set to {folder!r}, which is not a folder "
            f"(the current folder is {Path.cwd()}). Set it to the folder that holds the books, or "
            "remove it"
        )
    places = [Path(folder).expanduser() / book.file] if folder else []
    return next((p for p in [*places, _cache() / book.file] if p.is_file()), None)


def _find(book):
    path = _local(book) or _download(book)
    data = path.read_bytes()
    if hashlib.sha256(data).hexdigest() != book.sha256:
        found = "is a web page" if _is_web_page(data) else "has been changed or damaged"
        raise ValueError(
            f"{path} {found}, instead of the file that was expected (wrong SHA-256 checksum). "
            "Delete it, and it will be downloaded again"
        )
    return path


def _is_web_page(data):
    return re.match(rb"\s*<(?:!doctype html|html|head|\?xml)", data, re.IGNORECASE) is not None


def _download(book):
    import pooch
    import requests

    def download(url, file, _):
        pooch.HTTPDownloader(timeout=TIMEOUT)(url, file, None)
        if _is_web_page(Path(file).read_bytes()):
            raise requests.RequestException("got a web page instead, perhaps one to log in on")

    pooch.get_logger().setLevel("ERROR")  # what it reports otherwise looks like a warning
    advice = (
        f"try again, or set {CORPORA_DIR} to a folder that holds {book.file}. These texts need "
        f"no network: {', '.join(SERIES)}"
    )
    try:
        path = pooch.retrieve(
            book.address,
            known_hash=f"sha256:{book.sha256}",
            fname=Path(book.file).name,
            path=(_cache() / book.file).parent,
            downloader=download,
        )
    except requests.RequestException as error:
        cause = type(error).__name__  # most of them say long things of little use
        if type(error) is requests.RequestException:
            cause = error
        elif isinstance(error, requests.HTTPError):
            cause = f"the server answered {error.response.status_code} {error.response.reason}"
        elif isinstance(error, requests.Timeout):
            cause = f"no answer within {TIMEOUT} seconds"
        raise ConnectionError(
            f"{book.title} is not on this machine and could not be downloaded ({cause}). Check "
            f"the network connection and {advice}"
        ) from None
    except ValueError as error:  # the checksum; pooch has deleted the file
        raise ValueError(
            f"{book.title} was not downloaded completely, or has changed where it comes from: "
            f"{error}"
        ) from None
    except OSError as error:
        raise OSError(
            f"{book.title} could not be stored in {_cache()} ({error.strerror or error}). Make "
            f"room there, or make it a folder that you can write to, and {advice}"
        ) from None
    return Path(path)


def main():
    """List the texts: name, title, and where each is."""
    width = max(map(len, NAMES))
    for name, (_, title) in SERIES.items():
        print(f"{name:{width}}  part of the series  {title}")
    for name, book in BOOKS.items():
        place = "on this machine" if _local(book) else "not downloaded yet"
        print(f"{name:{width}}  {place:18}  {book.title}")
    here = all(map(_local, DECLARATION.values()))
    place, title = "on this machine" if here else "not downloaded yet", "in twelve languages"
    print(f"{'declaration':{width}}  {place:18}  Universal Declaration of Human Rights, {title}")


if __name__ == "__main__":
    try:
        main()
    except OSError as error:
        sys.exit(str(error))
