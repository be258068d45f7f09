"""What the prose claims is held by a cell: each number, and each cause.

A number in prose must come from the code or the outputs of its own section, to the digits in
which it is written (an exercise gives its own; 0, 1 and 2 are words). A sentence that says why
("because", "that is why", ...) must be listed in tests/claims/NN.toml with the code cell whose
assertion could have refuted it, with a test that could, or as a derivation. The same file
excuses the numbers that no cell computes (a year, a page), each with its reason.
"""

import re
import tomllib

import pytest
from conftest import CHAPTERS, ROOT, cells_of

CLAIMS = ROOT / "tests" / "claims"
WHY = re.compile(
    r"\b(because|that is why|which is why|therefore|the reason|the cause|hence|thanks to"
    r"|due to)\b",
    re.IGNORECASE,
)
NUMBER = re.compile(r"(?<![\w.,])[-−]?\d+(?:,\d{3})*(?:\.\d+)?(?![\w])")
# What is no claim: code, mathematics, addresses, pictures, numbers of chapters and exercises.
ASIDE = re.compile(
    r"```.*?```|<details>.*?</details>|`[^`]*`|\$\$.*?\$\$|\$[^$]*\$|!?\[[^\]]*\]\([^)]*\)"
    r"|^#+ \d\d · [^\n]*$|\*\*\d+\.\*\*|chapters? \d\d(?:(?: (?:to|and)|,) \d\d)*|notebook \d\d",
    re.DOTALL | re.MULTILINE | re.IGNORECASE,
)

every_chapter = pytest.mark.parametrize("path", CHAPTERS, ids=lambda p: p.stem)


def claims_of(path):
    file = CLAIMS / f"{path.name[:2]}.toml"
    return tomllib.loads(file.read_text(encoding="utf-8")) if file.exists() else {}


def sections(path):
    """The chapter in pieces that begin with a heading: lists of cells."""
    pieces = [[]]
    for cell in cells_of(path):
        if cell.cell_type == "markdown" and cell.source.startswith("## "):
            pieces.append([])
        pieces[-1].append(cell)
    return pieces


def shown(cell):
    """All that a code cell says: its source, and what it printed."""
    parts = [cell.source]
    for output in cell.outputs:
        data = output.get("data", {})
        if "image/png" not in data:  # the text form of a figure is not what the reader sees
            parts += [output.get("text", ""), data.get("text/plain", "")]
    return "\n".join(parts)


def values(text):
    text = re.sub(r"(?<=\d)_(?=\d)", "", text)  # 20_000 in code
    return [float(n.replace(",", "")) for n in re.findall(r"\d+(?:,\d{3})*(?:\.\d+)?", text)] + [
        float(n) for n in re.findall(r"\d+(?:\.\d+)?e[-+]?\d+", text)
    ]


def computed(number, available):
    """Whether one of the available values, rounded as the number is written, is the number."""
    plain = number.replace(",", "").lstrip("-−")
    if plain in ("0", "1", "2"):
        return True
    digits = len(plain.partition(".")[2])
    wanted = float(plain)
    # per cent may be computed as a fraction
    return any(round(v, digits) == wanted or round(100 * v, digits) == wanted for v in available)


@every_chapter
def test_each_number_in_prose_comes_from_its_section(path):
    excused = {entry["number"] for entry in claims_of(path).get("number", [])}
    homeless = []
    for cells in sections(path)[1:]:
        title = cells[0].source.split("\n")[0]
        if title in ("## Check yourself", "## Recap", "## Further"):
            continue
        available = [v for c in cells if c.cell_type == "code" for v in values(shown(c))]
        for cell in cells:
            if cell.cell_type == "markdown":
                for number in NUMBER.findall(ASIDE.sub(" ", cell.source)):
                    if number not in excused and not computed(number, available):
                        homeless.append(f"{title}: {number}")
    assert not homeless


@every_chapter
def test_excused_numbers_occur_and_have_a_reason(path):
    prose = "\n".join(c.source for c in cells_of(path) if c.cell_type == "markdown")
    for entry in claims_of(path).get("number", []):
        assert entry["number"] in NUMBER.findall(ASIDE.sub(" ", prose)), entry
        assert len(entry["reason"].split()) >= 2, entry


@every_chapter
def test_each_cause_is_listed(path):
    listed = [entry["words"] for entry in claims_of(path).get("cause", [])]
    unlisted = []
    for cell in cells_of(path):
        if cell.cell_type == "markdown":
            text = " ".join(cell.source.split())
            covered = [span for words in listed for span in spans(words, text)]
            for match in WHY.finditer(text):
                if not any(a <= match.start() < b for a, b in covered):
                    unlisted.append(text[max(match.start() - 60, 0) : match.end() + 60])
    assert not unlisted


def spans(words, text):
    return [(m.start(), m.end()) for m in re.finditer(re.escape(" ".join(words.split())), text)]


@every_chapter
def test_each_listed_cause_has_its_experiment(path):
    cells = {cell.id: cell for cell in cells_of(path)}
    prose = " ".join(
        " ".join(cell.source.split()) for cell in cells.values() if cell.cell_type == "markdown"
    )
    for entry in claims_of(path).get("cause", []):
        assert " ".join(entry["words"].split()) in prose, f"no longer said: {entry['words']}"
        if "cell" in entry:
            cell = cells[entry["cell"]]
            assert cell.cell_type == "code" and "assert" in cell.source, entry
        elif "test" in entry:
            file, _, name = entry["test"].partition("::")
            assert f"def {name}(" in (ROOT / "tests" / file).read_text(encoding="utf-8"), entry
        else:
            assert len(entry["derivation"].split()) >= 3, entry
