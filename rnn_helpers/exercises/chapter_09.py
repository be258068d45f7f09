"""The exercises of chapter 09: languages whose entropy is known."""

import numpy as np

from rnn_helpers.exercises.engine import Choice, Design, Function, Numbers, Unreadable
from rnn_helpers.languages import EVEN_RUNS, REBER, Language, entropy

COIN = 0.8  # the share of A in exercise 09.1
OF_COIN = float(entropy([0.75, 0.25]))


# 09.2: the entropy rate of a table


def rate(table, share=None, log=np.log2, of_states=None):
    """The entropy rate of a table, with one of its parts exchanged: for the mistakes."""
    states = sorted({row[0] for row in table})
    moves = np.zeros((len(states), len(states)))
    prices = np.zeros(len(states))
    for state, _, after, p in table:
        i, j = states.index(state), states.index(after)
        moves[i, j] += p
        prices[i] -= p * log(p)
    if of_states:
        return float(of_states(prices))
    return float((long_run(moves) if share is None else share(moves)) @ prices)


def long_run(moves):
    """The stationary distribution of a matrix (S, S)."""
    S = len(moves)
    return np.linalg.solve((np.eye(S) - moves + 1).T, np.ones(S))


def of_characters(table):
    """What letter frequencies pay: a mistake."""
    language = Language(table)
    return float(entropy(language.stationary @ language.emissions))


def of_next_states(table):
    """The entropy of the next state instead of the character: a mistake."""
    language = Language(table)
    return float(language.stationary @ entropy(language.transitions.sum(axis=0)))


def random_table(rng):
    """A unifilar table of a few states that can all be reached."""
    S, rows = int(rng.integers(1, 5)), []
    for state in range(S):
        characters = rng.permutation(list("abcd"))[: rng.integers(1, 5)]
        p = rng.dirichlet(np.full(len(characters), 2.0)) * 0.9 + 0.1 / len(characters)
        for i, (character, share) in enumerate(zip(characters, p)):
            after = (state + 1) % S if i == 0 else int(rng.integers(S))
            rows.append((state, str(character), after, float(share)))
    return (rows,)


ASYMMETRIC = [("x", "a", "x", 0.7), ("x", "b", "y", 0.2), ("x", "c", "z", 0.1),
              ("y", "a", "z", 0.6), ("y", "c", "z", 0.4), ("z", "b", "x", 1.0)]  # fmt: skip
RARE = [(0, "a", 0, 0.95), (0, "b", 1, 0.05), (1, "a", 1, 0.5), (1, "b", 2, 0.5), (2, "b", 0, 0.9),
        (2, "c", 1, 0.1)]  # fmt: skip


# 09.3 and 09.4: what tables of contexts know


def what_tables_know(table):
    """A function that says whether k characters of context are enough; for k = None, whether any.

    To someone who also knows the state before them any number is.
    """
    return what_contexts_know(language_of(table))


def language_of(table):
    """The language of a table, or of a whole Language; Unreadable if it is none."""
    try:
        rows = list(getattr(table, "table", table))
        if len(rows) > 512:
            raise Unreadable("So many rows are not needed: a handful of states is enough.")
        return Language(rows)
    except (ValueError, TypeError) as error:
        raise Unreadable(f"That is no table yet: {error}.") from None


def what_contexts_know(language):
    """The function of `what_tables_know`; Unreadable for a language that is not asked for."""
    if not language.unifilar:
        raise Unreadable(
            "In one of your states the same character leads to two states, so its entropy rate "
            "has no simple formula. Let a state and a character determine the next state."
        )
    if set(language.characters) != {"a", "b"}:
        raise Unreadable("Use the characters a and b, both of them and no others.")
    if language.entropy_rate < 0.05:
        raise Unreadable("Your language repeats itself: there is next to nothing left to guess.")

    def enough(k, knows_the_state=False):
        if knows_the_state:
            return True
        return not (ever_in_doubt(language) if k is None else in_doubt(language, k))

    return enough


def what_no_table_knows(table):
    """As `what_tables_know`, of another language than even runs."""
    language = language_of(table)
    enough = what_contexts_know(language)
    prices, known = ([one.bounds(k)[1] for k in range(7)] for one in (language, EVEN_RUNS))
    if np.allclose(prices, known, rtol=0, atol=1e-9):
        raise Unreadable("That is even runs, perhaps under other names. Find another language.")
    return enough


def different_next(language):
    """For each pair of states (S, S): whether their next characters differ."""
    e = language.emissions
    return ~np.isclose(e[:, np.newaxis], e).all(axis=2)


def in_doubt(language, k):
    """Whether some context of k characters leaves two states open whose next characters differ."""
    step = language.transitions > 0
    pairs = np.ones(step.shape[1:], bool)  # nobody knows the state before the context
    for _ in range(k):
        pairs = np.any([move.T @ pairs @ move for move in step], axis=0)
    return bool((pairs & different_next(language)).any())


def ever_in_doubt(language):
    """Whether some text, however long, leaves two states possible that go on differently."""
    S = len(language.states)
    step = language.transitions > 0
    different = different_next(language)
    # `apart`: pairs that can lead to a different price, now or later
    apart = different.copy()
    before = None
    while not np.array_equal(apart, before):
        before = apart.copy()
        for move in step:
            apart |= move @ apart @ move.T
    pairs, before = apart & ~np.eye(S, dtype=bool), None
    while not np.array_equal(pairs, before):  # those that some pair before them leads to, for ever
        before = pairs.copy()
        pairs &= np.any([move.T @ pairs @ move for move in step], axis=0)
    return bool(pairs.any())


def memory_of(n, sure=0.9):
    """A language in which each character is likely to be the one n places before."""
    words = [f"{i:0{n}b}".replace("0", "a").replace("1", "b") for i in range(2**n)]
    return [
        (word, c, (word + c)[1:], sure if c == word[0] else 1 - sure)
        for word in words
        for c in "ab"
    ]


def runs_of(n):
    """Every run of b has a length that is divided by n."""
    rest = [(i, "b", (i + 1) % n, 1) for i in range(1, n)]
    return [(0, "a", 0, 1 / 2), (0, "b", 1 % n, 1 / 2), *rest]


def guesser_in_words(k, knows_the_state):
    """Who is asked in exercise 09.4."""
    who = "any table, however long its contexts" if k is None else f"a table of {k} characters"
    return f"{who}{' beside the state' * knows_the_state}, asked whether it is enough,"


COIN_TABLE = [(0, "a", 0, 0.5), (0, "b", 0, 0.5)]
NO_TWO_B = [(0, "a", 0, 0.5), (0, "b", 1, 0.5), (1, "a", 0, 1)]
AT_MOST_TWO_B = [(0, "a", 0, 0.5), (0, "b", 1, 0.5), (1, "a", 0, 0.5), (1, "b", 2, 0.5),
                 (2, "a", 0, 1)]  # fmt: skip
RNG = np.random.default_rng(9)

EXERCISES = [
    Numbers(
        number="09.1",
        title="An unfair coin in state A",
        takes="one line",
        right=COIN * OF_COIN,
        mistakes=[
            (OF_COIN, "That is what a character costs in A. What does one cost in B, and how much "
             "of the time is spent in each?"),
            (OF_COIN / 2, "You took the mean of the two states. Are they visited equally often?"),
            (2 / 3 * OF_COIN, "You took the shares of the fair coin. With more a, is A left more "
             "often, or less?"),
            (0.75 * OF_COIN, "You took the probability of an a in A for the share of the time "
             "spent in A. It is entered from B, too."),
            (0.2 * OF_COIN, "The shares of A and B are exchanged."),
            (COIN * OF_COIN * np.log(2), "Those are nats."),
            (float(entropy([0.6, 0.4])), "That is what letter frequencies pay: they do not know "
             "the state."),
            (float(entropy([0.8, 0.2])), "That is the entropy of the shares of A and B. The "
             "entropy of what each state writes is asked for, weighted by its share."),
            (COIN, "That is the share of the time in A. What does a character cost there?"),
            (-COIN * OF_COIN, "The sign is turned round: a price is not negative."),
            (COIN * OF_COIN + 1 - COIN, "You let B cost a whole bit. How many characters can come "
             "in B?"),
            (2 / 3, "That is the rate with a fair coin in A. Here an a is more likely than a b."),
        ],
        otherwise="First the share of the time in A, then the price of a character there.",
        nudges=(
            "A is entered from A three times in four, and from B always.",
            "With the share x for A that is x = 3/4 x + (1 - x).",
            "Multiply the share of A by the entropy of a coin that falls on one side three times "
            "in four. B costs nothing.",
        ),
    ),
    Function(
        number="09.2",
        title="The entropy rate of any table",
        takes="half an hour",
        right=rate,
        arguments=("table",),
        probes=[
            (list(EVEN_RUNS.table),), (ASYMMETRIC,), (RARE,), (list(REBER.table),),
            ([(0, "a", 1, 0.3), (0, "b", 1, 0.7), (1, "c", 0, 1)],), (COIN_TABLE,),
            ([(0, "a", 1, 0.5), (0, "b", 2, 0.5), (1, "a", 0, 1.0), (2, "b", 0, 1.0)],),
            ([(0, "a", 1, 0.5), (0, "b", 1, 0.5), (1, "a", 2, 0.9), (1, "b", 2, 0.1),
              (2, "a", 0, 1.0)],),
            ([(0, "a", 0, 0.98), (0, "b", 1, 0.02), (1, "a", 0, 0.01), (1, "b", 1, 0.99)],),
        ],
        random=random_table,
        decisive=("np.linalg.matrix_power", "share @ prices"),
        rtol=5e-6,  # six digits, rounded
        case=lambda table: f"a table of {len({row[0] for row in table})} states,",
        near="That is near, and six digits are asked for. Are your shares of the time exact? A "
        "mean over steps that are drawn is never so; add up probabilities.",
        mistakes=[
            (lambda table: rate(table, share=lambda moves: np.full(len(moves), 1 / len(moves))),
             "All states have the same weight in your mean. Some are visited more often."),
            (lambda table: rate(table, log=np.log),
             "Those are nats, and bits are asked for."),
            (lambda table: rate(table, share=lambda moves: np.eye(len(moves))[0]),
             "That is the price in one of the states. Take the mean over all of them."),
            (lambda table: rate(table, of_states=np.sum),
             "You add up the prices of the states. Each counts as much as the share of the time "
             "that is spent there."),
            (lambda table: -rate(table), "The sign is turned round: a price is not negative."),
            (lambda table: rate(table, share=lambda moves: moves.mean(axis=0)),
             "You let the states follow each other once. “In the long run” means after many "
             "steps."),
            (lambda table: rate(table, share=lambda moves: moves.sum(axis=0)),
             "The shares of the time must add up to 1, and be what many steps lead to."),
            (lambda table: rate(table, share=lambda moves: np.linalg.matrix_power(moves, 1000)[0]),
             "Where states take turns, the shares after many steps still go to and fro. Let "
             "them settle."),
            (of_characters, "That is what letter frequencies pay. The state is known here."),
            (of_next_states, "That is the entropy of the next state. Two characters may lead to "
             "the same state, and then the character still has a price."),
            (lambda table: Language(table).emissions.max(axis=1) @ Language(table).stationary,
             "That is how often the most likely character is right. The price is a logarithm."),
        ],
        otherwise="Do your shares of the time add up to 1, also where two characters lead to the "
        "same state? Print them, and the prices of the states, for even runs.",
        nudges=(
            "Number the states. A matrix of moves holds the probability to get from each state to "
            "each other, whatever the character.",
            "Multiply the matrix of moves with itself, many times, and each row becomes the "
            "shares. Where states take turns this never settles: let the state stay where it is "
            "half of the time first.",
            "The price in a state is the sum of -p log2 p over its rows.",
        ),
    ),
    Design(
        number="09.3",
        title="What a table of three characters knows",
        takes="ten minutes",
        build=what_tables_know,
        right=memory_of(3),
        arguments=("k",),
        verb="answers",
        probes=[(k,) for k in (3, 2, 1, 0, 4, 5, None)],
        random=lambda rng: (int(rng.integers(0, 6)),),
        decisive=('product("ab", repeat=3)',),
        case=lambda k: (
            f"a table of {'any number of' if k is None else k} characters, asked whether it is "
            "enough,"
        ),
        mistakes=[
            (COIN_TABLE, "Here no context helps: letter frequencies are enough already."),
            (NO_TWO_B, "Here one character of context is enough already."),
            (memory_of(2), "Here two characters of context are enough already."),
            (memory_of(4), "Here it takes four characters. How many does your longest rule look "
             "back?"),
            (memory_of(5), "Here it takes five characters."),
            (memory_of(6), "Here it takes more than five characters."),
            (runs_of(2), "Here no table is enough, however long: as in even runs, there are "
             "contexts that hide the state."),
        ],
        otherwise="The state must follow from the last three characters, and from no fewer.",
        nudges=(
            "Let the last three characters be the state: how many states is that?",
            "After the state aba comes a or b, and then the state is baa or bab.",
            "Let the character three places back decide which one is likely.",
        ),
    ),
    Design(
        number="09.4",
        title="What no table knows",
        takes="ten minutes",
        build=what_no_table_knows,
        right=runs_of(3),
        arguments=("k", "knows_the_state"),
        verb="answers",
        probes=[(None, False), *((k, False) for k in range(9)), (0, True), (5, True)],
        random=lambda rng: (int(rng.integers(0, 9)), bool(rng.integers(2))),
        decisive=('("C", "b", "A", 1)',),
        case=guesser_in_words,
        mistakes=[
            (COIN_TABLE, "Here letter frequencies are enough."),
            (NO_TWO_B, "Here a table of one character is enough."),
            (AT_MOST_TWO_B, "Here a table of two characters is enough: it sees how many b came."),
            (memory_of(3), "Here a table of three characters is enough."),
            (memory_of(4), "Here a table of four characters is enough."),
            (memory_of(5), "Here a table of five characters is enough."),
        ],
        otherwise="There must be texts as long as you like that do not give the state away.",
        nudges=(
            "In even runs the trouble is a long run of one character.",
            "What if runs had to come in threes, or if something else had to be counted in turns?",
            "Three states: the first writes a or b, and the other two write b without a choice.",
        ),
    ),
    Choice(
        number="09.5",
        title="What two neurons cannot hold",
        takes="half an hour",
        right="backwards",
        options=("twos", "threes", "fours", "again", "backwards"),
        mistakes=[
            ("twos", "That is even runs, and the chapter has trained two neurons on it."),
            ("threes", "Three states in a plane are no trouble: train it, and look at the excess "
             "of five seeds."),
            ("fours", "Two neurons can go round four places in turn. Train it from five seeds: "
             "some of them get there."),
            ("again", "It has many states too, and yet two neurons come near: train it, and the "
             "other one."),
        ],
        otherwise="Train two neurons on each, with several seeds.",
        nudges=(
            "Write the tables, and call learn(Language(table), 2, seed) for a few seeds.",
            "Compare each excess with that of eight neurons, which do well on all of them.",
            "Whoever copies in the same order can push letters through, first in, first out. In "
            "the other order the last letter has to come out first.",
        ),
    ),
]  # fmt: skip
