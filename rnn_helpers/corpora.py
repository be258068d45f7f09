"""Where texts come from: with the series, by name from the net, or a file of your own.

``python -m rnn_helpers.corpora`` lists the names and says what is on this machine.
"""

import difflib
import hashlib
import os
import re
from pathlib import Path
from typing import NamedTuple

DATA = Path(__file__).parent.parent / "data"
FOLDER = "RNN_CORPORA_DIR"  # environment variable: a folder that holds books already

SERIES = {
    "poem": ("poem.txt", "The Night Ferry, a poem"),
    "loss_and_memory": ("loss_and_memory.txt", "On paying for wrong guesses"),
    "story": ("story.txt", "A Word Ahead, a story"),
}


class Book(NamedTuple):
    """A public-domain text at a fixed commit of a public repository."""

    title: str
    file: str  # its name in the cache, and in the folder that RNN_CORPORA_DIR names
    address: str
    sha256: str  # of the file as it is fetched
    gutenberg: bool = False  # has Project Gutenberg's header and licence around it


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
        gutenberg=True,
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


def load_text(source):
    """Return a text as one str, with line feeds.

    Parameters
    ----------
    source : str or Path
        A name that ``python -m rnn_helpers.corpora`` lists, or the path of a UTF-8 file
        (a Path, or a str with a dot or a slash in it).

    Raises
    ------
    ValueError
        For an unknown name, an empty file, bytes that are not UTF-8, a book whose
        checksum is wrong.
    OSError
        If a file is not there or is a folder (FileNotFoundError, IsADirectoryError), or a
        book can neither be found nor fetched (ConnectionError).
    """
    if source in SERIES:
        return read_file(DATA / SERIES[source][0])
    if source in BOOKS:
        return load_book(BOOKS[source])
    if isinstance(source, Path) or re.search(r"[./\\]", source):
        return read_file(source)
    names = [*SERIES, *BOOKS]
    near = difflib.get_close_matches(source, names, n=1)
    hint = f"Did you mean {near[0]!r}? " if near else ""
    raise ValueError(
        f"no text is called {source!r}. {hint}Names: {', '.join(names)}; "
        "or give the path of a file of your own, such as 'texts/mine.txt'"
    )


def split(text):
    """A text in two: all but the last twentieth, to learn from, and that, to be tested on."""
    page = 19 * len(text) // 20
    return text[:page], text[page:]


def read_file(path):
    """Read a UTF-8 file of your own; errors say what is wrong with it and where."""
    path = Path(path)
    if path.is_dir():
        raise IsADirectoryError(f"{path} is a folder; give the path of one text file in it")
    if not path.is_file():
        raise FileNotFoundError(f"there is no file {path} (seen from the folder {Path.cwd()})")
    return _decode(path.read_bytes(), path)


def load_book(book):
    """Find a book in the folder of RNN_CORPORA_DIR or the cache, or fetch it, and cut it."""
    text = _decode(_find(book).read_bytes(), book.file)
    return gutenberg_body(text) if book.gutenberg else text


def gutenberg_body(text):
    """The book itself, without Project Gutenberg's header, licence and notes of who made it.

    Raises ValueError if the two markers are not there.
    """
    parts = re.split(r"^\*\*\* ?(?:START|END) OF .*\*\*\*$", text, flags=re.MULTILINE)
    if len(parts) != 3:
        raise ValueError(
            "expected one '*** START OF' and one '*** END OF' line of Project Gutenberg, "
            f"but found {len(parts) - 1} such lines"
        )
    notes = r"^(?:Produced by .*|End of (?:the )?Project Gutenberg.*)$"
    return re.sub(notes, "", parts[1], flags=re.MULTILINE).strip() + "\n"


def _decode(data, name):
    if not data.strip():
        raise ValueError(f"{name} is empty; a network needs a text to learn from")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise ValueError(
            f"{name} is not UTF-8: byte {data[error.start]:#04x} at position {error.start}, in "
            f"line {line}. Save it as UTF-8, or read it yourself with its own encoding: "
            f"Path({str(name)!r}).read_text(encoding='cp1252')"
        ) from None
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _cache():
    import pooch

    return Path(pooch.os_cache("rnn_helpers"))


def _local(book):
    """Where the book is on this machine, or None."""
    folder = os.environ.get(FOLDER)
    if folder and not Path(folder).is_dir():
        raise FileNotFoundError(f"{FOLDER} names {folder}, which is not a folder")
    places = [Path(folder) / book.file] if folder else []
    return next((p for p in [*places, _cache() / book.file] if p.is_file()), None)


def _find(book):
    path = _local(book) or _fetch(book)
    if hashlib.sha256(path.read_bytes()).hexdigest() != book.sha256:
        raise ValueError(
            f"{path} is not the file it should be (wrong SHA-256 sum); remove it, and it is "
            "fetched again"
        )
    return path


def _fetch(book):
    import pooch

    pooch.get_logger().setLevel("ERROR")  # what it says otherwise looks like a warning
    try:
        path = pooch.retrieve(
            book.address,
            known_hash=f"sha256:{book.sha256}",
            fname=book.file,
            path=_cache(),
            downloader=pooch.HTTPDownloader(timeout=30),
        )
    except ValueError as error:  # the sum; pooch has removed what it fetched
        raise ValueError(f"{book.title} has changed where it came from: {error}") from None
    except OSError as error:
        raise ConnectionError(
            f"{book.title} is not on this machine and could not be fetched "
            f"({type(error).__name__}). Connect to the network and try again, or set {FOLDER} "
            f"to a folder that holds {book.file}. These texts need no network: "
            f"{', '.join(SERIES)}"
        ) from None
    return Path(path)


def main():
    """List the texts: name, title, and where each is."""
    width = max(map(len, [*SERIES, *BOOKS]))
    for name, (_, title) in SERIES.items():
        print(f"{name:{width}}  with the series   {title}")
    for name, book in BOOKS.items():
        place = "on this machine" if _local(book) else "to be fetched"
        print(f"{name:{width}}  {place:16}  {book.title}")


if __name__ == "__main__":
    main()
