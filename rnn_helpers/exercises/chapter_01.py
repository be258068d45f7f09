"""The exercises of chapter 01: texts, ids, windows."""

from collections import Counter

from rnn_helpers.encoding import one_hot
from rnn_helpers.exercises.engine import WHATEVER, Function, Numbers

RHYME = "she sells sea shells, she sells sea shells"
EXOTIC = "a café — naïve, 東京 and 🙂"


def never_a_target(text, T):
    """How many characters are in no target if a short last window is dropped."""
    return len(text) - (len(text) - 1) // T * T


def of_windows(text, T):
    """The arguments in words: the text itself does not matter."""
    return f"{len(text)} characters and T = {T}"


def random_text(rng, longest=60, alphabet="abc é—🙂"):
    """A text of 1 to `longest` characters of a small alphabet, so that many come twice."""
    return "".join(rng.choice(list(alphabet), rng.integers(1, longest + 1)))


def byte_pairs(text, merges):
    """The tokens of a text after so many merges of byte-pair encoding."""
    return merged(text, merges)


def merged(text, merges, choose=None, join=None):
    """The same with another way to choose a pair, or to join it: for the mistakes."""
    tokens = list(text)
    for _ in range(merges):
        if len(tokens) < 2:
            break
        pair = (choose or most_frequent)(tokens, text)
        if pair is None:
            break
        tokens = (join or joined)(tokens, pair)
    return tokens


def most_frequent(tokens, text):
    """The most frequent pair of neighbours; the first of several in the text."""
    return Counter(zip(tokens, tokens[1:])).most_common(1)[0][0]


def joined(tokens, pair):
    """The tokens with each such pair made one, from left to right."""
    result, i = [], 0
    while i < len(tokens):
        here = tuple(tokens[i : i + 2]) == pair
        result.append("".join(pair) if here else tokens[i])
        i += 2 if here else 1
    return result


def joined_overlapping(tokens, pair):
    """In "aaa" the a in the middle is used twice: a mistake."""
    result, used = [], False
    for pair_here, token in zip([*zip(tokens, tokens[1:]), None], tokens):
        if pair_here == pair:
            result.append("".join(pair))
            used = True
        elif used:
            used = False
        else:
            result.append(token)
    return result


def joined_once(tokens, pair):
    """Only the first of the pairs is joined: a mistake."""
    at = next(i for i in range(len(tokens)) if tuple(tokens[i : i + 2]) == pair)
    return [*tokens[:at], "".join(pair), *tokens[at + 2 :]]


def joined_beside(tokens, pair):
    """The joined token is put in, and its second half stays: a mistake."""
    return ["".join(pair) if here == pair else here[0] for here in zip(tokens, [*tokens[1:], ""])]


def pair_of_the_text(tokens, text):
    """Pairs counted in the text as it was at first, a pair that is gone left out: a mistake."""
    there = set(zip(tokens, tokens[1:]))
    pairs = (pair for pair, _ in Counter(zip(text, text[1:])).most_common() if pair in there)
    return next(pairs, ("", ""))


def counted_by_text(tokens, text):
    """Pairs counted with text.count: a mistake."""
    pairs = list(dict.fromkeys(zip(tokens, tokens[1:])))
    return max(pairs, key=lambda pair: text.count("".join(pair)))


def counted_without_overlap(tokens, text):
    """In "aaa" the pair of two a is counted once: a mistake."""
    counts, free = Counter(), {}  # where the next pair of a kind may begin
    for i, pair in enumerate(zip(tokens, tokens[1:])):
        if i >= free.get(pair, 0):
            counts[pair] += 1
            free[pair] = i + 2
    return counts.most_common(1)[0][0]


def joined_in_text(tokens, pair):
    """A text with marks between the tokens, in which the pair is replaced: a mistake."""
    return "\0".join(tokens).replace("\0".join(pair), "".join(pair)).split("\0")


def joined_as_tuples(tokens, pair):
    """The pair itself is put in: a mistake."""
    result, i = [], 0
    while i < len(tokens):
        here = tuple(tokens[i : i + 2]) == pair
        result.append(pair if here else tokens[i])
        i += 2 if here else 1
    return result


def last_of_the_most_frequent(tokens, text):
    """Of several pairs that are equally frequent, the one that comes up last: a mistake."""
    counts = Counter(zip(tokens, tokens[1:]))
    return [pair for pair in counts if counts[pair] == max(counts.values())][-1]


def seen_twice(tokens, text):
    """The most frequent pair, or none if it stands there once: a mistake."""
    [(pair, times)] = Counter(zip(tokens, tokens[1:])).most_common(1)
    return pair if times > 1 else None


def last_in_the_alphabet(tokens, text):
    """Of several pairs that are equally frequent, the last in the alphabet: a mistake."""
    counts = Counter(zip(tokens, tokens[1:]))
    return max(counts, key=lambda pair: (counts[pair], pair))


EXERCISES = [
    Numbers(
        number="01.1",
        title="Pairs and windows",
        takes="one line",
        right=(1987, 80),
        mistakes=[
            ((1988, WHATEVER), "Nothing follows the last character. Is it the input of a pair?"),
            ((1992, WHATEVER), "Which of the two readings of the file did you take?"),
            ((723, 29), "Those are the poem's numbers; the text on loss and memory is asked for."),
            ((WHATEVER, 29), "That is how many windows the poem has."),
            ((WHATEVER, 79), "Is the short window at the end counted as well?"),
            ((WHATEVER, 81), "That is one window too many. Is there one with no question in it?"),
            ((WHATEVER, 1987 / 25), "A number of windows is whole: what becomes of the rest?"),
            ((WHATEVER, 1987 % 25), "That is the length of the last window."),
            ((80, 1987), "The other way round: first the questions, then the windows."),
        ],
        otherwise="Use the length of right, and the function cut of the section on windows.",
        nudges=(
            "Which characters of a text are followed by another one?",
            "A question is an input with its target: count one of these two arrays.",
            "cut yields one pair for each window, and works on a text as well as on ids.",
        ),
    ),
    Function(
        number="01.2",
        title="Never a target",
        takes="five minutes",
        right=never_a_target,
        arguments=("text", "T"),
        probes=[
            ("r" * n, T)
            for n, T in ((11, 5), (724, 25), (26, 25), (25, 25), (51, 25), (4, 7), (9, 1), (1, 3))
        ] + [("the ferry reads a river in the dark: é"[:n], T) for n, T in ((38, 5), (26, 25))],
        random=lambda rng: (random_text(rng), int(rng.integers(1, 20))),
        decisive=("(len(text) - 1) // T", "// T * T"),
        case=of_windows,
        mistakes=[
            (lambda text, T: (len(text) - 1) % T,
             "You counted the targets of the dropped window. One more character is never a "
             "target."),
            (lambda text, T: len(text) % T,
             "You divide the number of characters by T. How many questions are there to divide?"),
            (lambda text, T: len(text) % T + 1,
             "The first character is counted. How many questions are there to cut into windows?"),
            (lambda text, T: 1,
             "That is the number if the short window is kept."),
            (lambda text, T: (len(text) - 1) // T,
             "That is the number of full windows."),
            (lambda text, T: (len(text) - 1) // T * T,
             "That is how many do become a target."),
            (lambda text, T: len(text) - (-(-(len(text) - 1) // T) - 1) * T,
             "If the last window is full, it is not dropped."),
            (lambda text, T: len(text) - len(text) // (T + 1) * T,
             "A window shares a character with the next one, which reads the last target as its "
             "input."),
        ],
        otherwise="The first character is never a target; which others are missed at the end?",
        nudges=(
            "Take 11 characters and T = 5 and draw the windows.",
            "Count how many characters are a target, and subtract.",
            "How many full windows are there in n - 1 questions, and how many targets has each?",
        ),
    ),
    Function(
        number="01.3",
        title="Back from one-hot",
        takes="one line",
        right=lambda vectors: vectors.argmax(axis=-1),
        arguments=("vectors",),
        probes=[
            (one_hot([2, 0, 2, 1], 4),),
            (one_hot([1, 0, 1], 3),),
            (one_hot([4], 5),),
            (one_hot([[0, 3], [3, 2], [1, 1]], 4),),
            (one_hot(2, 5),),
            (one_hot([[[0, 2], [1, 1]], [[2, 0], [2, 1]]], 3),),
        ],
        random=lambda rng: (
            one_hot(rng.integers(0, 6, [(4,), (6,), (2, 3), (1,)][rng.integers(4)]), 6),
        ),
        decisive=("argmax(axis=-1)", "argmax(-1)"),
        mistakes=[
            (lambda vectors: vectors.argmax(axis=0),
             "You searched along the text. Along which axis does each vector have its 1?"),
            (lambda vectors: vectors.argmax(),
             "Without an axis NumPy searches the whole array and gives one place."),
            (lambda vectors: vectors.max(axis=-1),
             "That is the entry itself, always a 1. What is asked for is its place."),
            (lambda vectors: vectors.nonzero(),
             "nonzero gives the places along every axis. Only those in the alphabet are ids."),
            (lambda vectors: vectors.nonzero()[0],
             "Those are the numbers of the rows: positions in the text, not ids."),
            (lambda vectors: vectors.nonzero()[-1],
             "That is right for one text. An array of shape (3, 2, V) holds ids of shape (3, 2)."),
            (lambda vectors: vectors.argmax(axis=1),
             "That is right for one text. Which axis holds the alphabet where there are three?"),
            (lambda vectors: vectors.argmin(axis=-1),
             "You found the first 0 of each vector."),
            (lambda vectors: vectors.argmax(axis=-1) + 1,
             "Ids begin at 0."),
        ],
        otherwise="For each vector give the place at which its 1 stands.",
        nudges=(
            "The id of a one-hot vector is the place of its largest entry.",
            "NumPy has a function for the place of the largest entry; it takes an axis.",
            "The alphabet lies along the last axis, which NumPy can count from the end.",
        ),
    ),
    Function(
        number="01.4",
        title="A text as bytes",
        takes="five minutes",
        right=lambda text: (len(text.encode("utf-8")), len(set(text.encode("utf-8")))),
        arguments=("text",),
        results=("number of steps", "number of different symbols"),
        probes=[("river",), ("a café",), ("éé—é",), (EXOTIC,), ("",),
                ("The Ferry\r\n cafe\u0301 \n",)],
        random=lambda rng: (random_text(rng),),
        decisive=('encode("utf-8")', "encode('utf-8')", "encode()"),
        mistakes=[
            (lambda text: (len(text), len(set(text))),
             "You counted characters. How many bytes does é take?"),
            (lambda text: (len(text.encode("utf-8")), len(set(text))),
             "The steps are right. The second number asks for different bytes."),
            (lambda text: (len(text), len(set(text.encode("utf-8")))),
             "The second number is right. The network makes a step for each byte."),
            (lambda text: (len(text.encode("utf-8")), 256),
             "A byte can have 256 values; how many of them come up in this text?"),
            (lambda text: (len(set(text.encode("utf-8"))), len(text.encode("utf-8"))),
             "The other way round: first the steps."),
            (lambda text: (len(text.encode("utf-16")), len(set(text.encode("utf-16")))),
             "That is another encoding, with at least two bytes for each character."),
            (lambda text: (len(text.encode("cp1252")), len(set(text.encode("cp1252")))),
             "cp1252 has one byte for each of its characters, and lacks most characters of the "
             "world."),
            (lambda text: (len(text.encode("utf-8")), len(text.encode("utf-8"))),
             "The steps are right. Of bytes that come twice, count one."),
            (lambda text: len(text.encode("utf-8")),
             "That is the first of two numbers. How many different bytes are there?"),
        ],
        otherwise="Turn the text into bytes, as a file would hold it, and count these.",
        nudges=(
            "A text has a method that gives the bytes of an encoding.",
            "Name the encoding in which the files of the series are written.",
            "A set keeps each value once, also of bytes.",
        ),
    ),
    Numbers(
        number="01.5",
        title="Through a narrower alphabet",
        takes="five minutes",
        right=20,
        mistakes=[
            (1, "That many different characters are lost. How often do they occur in the poem?"),
            (724 - 20, "That many stayed the same."),
            (724, "Not all of them changed. Do you compare characters at the same place?"),
            (0, "Is the text that you compare with the decoded one? Something did get lost."),
            (19, "Nearly. Does each line end with a character that you count?"),
            (21, "Nearly. Does the last line end like the others?"),
            (42 - 1, "That many characters of the vocabulary survive. Count in the poem itself."),
        ],
        otherwise="Which characters of the poem have no id among the printable ones of ASCII?",
        nudges=(
            "Vocabulary.ascii() makes the alphabet, and encode has an argument unknown.",
            "Decode again: the new text is as long as the poem. Compare place by place.",
            "zip(poem, back) gives pairs; count those whose two characters differ.",
        ),
    ),
    Function(
        number="01.6",
        title="Byte-pair encoding",
        takes="half an hour",
        right=byte_pairs,
        arguments=("text", "merges"),
        probes=[
            ("banana", 1), ("banana", 0), ("aaa", 1), ("abab", 2), (RHYME, 6), ("abcabd", 1),
            ("xyzaab", 2), ("aaabab", 1), ("aaaaaaa", 2), ("ab", 5), ("", 2), (RHYME, 20),
            ("cdab cd ab", 3), ("abaaaab", 2),
        ],
        random=lambda rng: (random_text(rng, 40, "abc "), int(rng.integers(0, 9))),
        decisive=("zip(tokens, tokens[1:])", "most_common(1)"),
        mistakes=[
            (lambda text, merges: merged(text, merges, join=joined_once),
             "In each merge, every place where the pair stands is joined, not the first alone."),
            (lambda text, merges: merged(text, merges, join=joined_overlapping),
             "In aaa the pair can be joined once: after joining, continue behind the new token."),
            (lambda text, merges: merged(text, merges, join=joined_beside),
             "After a joined pair, its second half is still there."),
            (lambda text, merges: merged(text, merges, choose=pair_of_the_text),
             "Count anew before each merge: the pairs of the tokens, not of the characters."),
            (lambda text, merges: merged(text, merges, choose=last_of_the_most_frequent),
             "Of several equally frequent pairs, which is to be taken?"),
            (lambda text, merges: merged(text, merges, choose=last_in_the_alphabet),
             "Of several equally frequent pairs the alphabet does not decide."),
            (lambda text, merges: merged(text, merges, choose=seen_twice),
             "You stop when no pair stands there twice. A pair that stands there once is joined, "
             "too."),
            (lambda text, merges: merged(text, min(merges, 1)),
             "You merge once, whatever is asked for."),
            (lambda text, merges: merged(text, merges + 1),
             "That is one merge too many."),
            (lambda text, merges: merged(text, merges, choose=counted_by_text),
             "Count neighbours among the tokens: text.count leaves out pairs that overlap, and "
             "finds letters on both sides of a cut."),
            (lambda text, merges: merged(text, merges, choose=counted_without_overlap),
             "In aaa the a in the middle belongs to two pairs: count both."),
            (lambda text, merges: merged(text, merges, join=joined_in_text),
             "A pair is two whole tokens: yours joins the end of a longer token as well."),
            (lambda text, merges: merged(text, merges, join=joined_as_tuples),
             "A token is a text: join the two halves of the pair."),
            (lambda text, merges: sorted(set(merged(text, merges))),
             "Those are the different tokens. What is asked for is the text, cut into tokens."),
            (lambda text, merges: len(merged(text, merges)),
             "That is how many tokens there are; return the tokens themselves."),
            (lambda text, merges: list(text),
             "Nothing is joined. Does a new list take the place of the old one?"),
        ],
        otherwise="Redo that case on paper, merge by merge.",
        nudges=(
            "Start with a list of characters. One merge has two parts: find the pair, join it.",
            "Pair each token with its right neighbour and count the pairs with a Counter.",
            "To join, go from left to right in a while loop: two steps on after a pair, else one.",
        ),
    ),
]  # fmt: skip
