"""What the cells of chapter 08 leave to the file beside it."""

import make_it_fast_step as beside
import numpy as np

from rnn_helpers.forward_pass import Parameters


def test_errors_are_measured_by_the_largest_entry(capsys):
    exact = Parameters(*([np.array([0.5, -4.0])] * 5))
    close = exact._replace(Whh=np.array([0.5 + 2e-5, -4.0]), by=np.array([0.5, -4.0 - 8e-5]))
    errors = beside.largest_errors(close, exact)
    assert np.allclose(list(errors.values()), [0, 5e-6, 0, 0, 2e-5], rtol=1e-6)
    beside.print_agreement(errors, digits=5)
    assert capsys.readouterr().out.splitlines() == [
        "Wxh agrees to 5 digits of its largest entry",
        "Whh agrees to 5 digits of its largest entry",
        "Why agrees to 5 digits of its largest entry",
        "bh  agrees to 5 digits of its largest entry",
        "by  differs within 5 digits of its largest entry",
    ]
