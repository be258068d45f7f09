import numpy as np
import sampling_tables as tables


def test_a_page_ends_lines_between_words():
    words = "the bell and the goose " * 12
    lines = tables.page("The bell\n" + words + "\n\n\n\nA new one.", indent="  ").split("\n")
    assert all(line.startswith("  ") and len(line) <= 72 for line in lines if line)
    assert lines[-2:] == ["", "  A new one."]
    assert " ".join(" ".join(lines).split()) == f"The bell {words.strip()} A new one."


def test_spread():
    assert tables.spread([3, 1, 2.5]) == "2.50 (1.00 to 3.00)"
    assert tables.spread([0.25, 0.5, 0.75], unit="%") == "50% (25% to 75%)"


def test_mean_and_error_by_hand():
    assert np.allclose(tables.mean_and_error([1, 3]), (2, 1))


def test_held_out_table_has_a_line_for_each_text():
    results = tables.held_out_results()
    lines = tables.held_out_table(results).split("\n")
    assert len(lines) == 1 + len(results) == 4
    for line, (name, r) in zip(lines[1:], results.items()):
        assert line.startswith(name) and f"{r['network']:.2f}" in line
        assert f"{r['difference'][4]:+.2f} ± {r['error'][4]:.2f}" in line
