import numpy as np
import pytest

from rnn_helpers.exercises import CHECKS, check


@pytest.mark.parametrize("number", CHECKS)
def test_three_dots_ask_for_an_answer(number, capsys):
    check(number, ...)
    assert capsys.readouterr().out == f"{number}: your turn. Replace the three dots above.\n"


@pytest.mark.parametrize("number", CHECKS)
@pytest.mark.parametrize("wrong", [None, -1.0, "no", lambda *a: (0, 0), [1, 2, 3]])
def test_a_wrong_answer_gets_a_hint(number, wrong, capsys):
    check(number, wrong)
    out = capsys.readouterr().out
    assert out.startswith(f"{number}: not yet. ") and len(out) > 35


def test_a_right_answer_is_right_in_any_container(capsys):
    for answer in ((1987, 80), [1987, 80], np.array([1987, 80])):
        check("01.1", answer)
    assert capsys.readouterr().out == 3 * "01.1: right.\n"
