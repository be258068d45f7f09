"""Tables of chapter 11, as text, and one picture."""

import matplotlib.pyplot as plt
import numpy as np

from rnn_helpers import plots


def span(values, digits=1):
    """The range of some values: "1.7 to 1.9"."""
    return f"{np.min(values):.{digits}f} to {np.max(values):.{digits}f}"


def duration(seconds):
    """The range of some times, in the largest unit that fits all: "4.9 to 5.8 days"."""
    for unit, long in (("years", 365.25 * 86_400), ("days", 86_400)):
        if np.min(seconds) >= long:
            return f"{span(np.divide(seconds, long))} {unit}"
    return f"{span(np.divide(seconds, 3600))} hours"


def gains_table(gains):
    """What two and four workers gain: a line for each hidden size H, with the range over runs.

    `gains[H, p]` are the gains of p workers, one for each run.
    """
    return "\n".join(
        f"  H {H:3}: 2 workers {span(gains[H, 2], 2)}, 4 workers {span(gains[H, 4], 2)}"
        for H in sorted({H for H, _ in gains})
    )


def draw_predictions(found, said, groups):
    """Predicted beside measured milliseconds of a step, with the range over the runs.

    `found` is (sizes, runs), `said` (sizes,); `groups` says of each name which sizes it has.
    """
    _, axes = plt.subplots(figsize=(7.5, 3.8))
    axes.loglog([2, 80], [2, 80], color=plots.GREY, linewidth=1, linestyle=":")
    looks = zip((plots.GREEN, plots.BLUE, plots.ORANGE), "^os")
    for (name, of), (color, marker) in zip(groups.items(), looks):
        median, (low, high) = np.median(found[of], 1), np.quantile(found[of], [0, 1], axis=1)
        axes.scatter(median, said[of], color=color, marker=marker, label=name)
        axes.hlines(said[of], low, high, color=color)
    axes.set(
        xlabel="measured, ms a step",
        ylabel="predicted, ms a step",
        title="Steps that the model of the cost was not fitted to",
    )
    for axis in (axes.xaxis, axes.yaxis):
        plots.plain_log_ticks(axis, [2, 5, 10, 20, 50])
    axes.legend()


def gpu_table(stored):
    """What benchmarks/gpu.json holds: a line for each size, and from where on a GPU is faster."""
    about, rows = stored["machine"], stored["rows"]
    lines = [f"{about['gpu']} beside {about['processor']}: ms a step"]
    lines += [
        f"H {r['hidden']:4}, streams {r['streams']:3}: {r['cpu']:8.2f} without, "
        f"{r['cuda']:8.2f} on it, {r['cpu'] / r['cuda']:.2f} times as fast"
        for r in rows
    ]
    for B in sorted({r["streams"] for r in rows}):
        of = sorted((r for r in rows if r["streams"] == B), key=lambda r: r["hidden"])
        slower = [r["hidden"] for r in of if r["cuda"] >= r["cpu"]]
        faster = [r["hidden"] for r in of if r["hidden"] > max(slower, default=0)]
        where = f"faster from H {faster[0]:4} on" if faster else f"not faster up to H {slower[-1]}"
        lines.append(f"with {B:3} streams it is {where}")
    return "\n".join(lines)


def texts_table(texts):
    """The texts of data/published.toml: how much is learnt, how many symbols, what it is."""
    return "\n".join(
        f"{text['name']:20} {text['learnt'] / 1e6:5.2f} million learnt, "
        f"{text['symbols']:3} symbols: {text['what']}"
        for text in texts
    )


def sizes_table(results, models):
    """Bits and size of published networks, then those of ours with their settings.

    `results` are those of data/published.toml, `models` checkpoints of `rnn_helpers.checkpoints`.
    """
    lines = [
        f"{r['text']:16} {r['network']:14} {bits_of(r):.2f} bits, "
        + (f"{r['size']} numbers" if "size" in r else "size not known here")
        + (f"\n    {r['settings']}" if "settings" in r else "")
        for r in results
    ]
    for model in models:
        s, size = model.settings, sum(array.size for array in model.parameters)
        lines += [
            f"{title_of(s)}: {cell_of(s)} {s['bits_per_character_held_out']:.2f} bits, "
            f"{size:,} numbers",
            f"    H {s['hidden_size']}, {s['optimizer']} {s['learning_rate']}, {s['steps']:,} "
            f"windows of {s['window']}, streams {s['streams']}",
        ]
    return "\n".join(lines)


def bits_of(result):
    """The bits of a published result, which may be in nats."""
    return result["bits"] if "bits" in result else result["nats"] / np.log(2)


def published_bars(results):
    """Names and bits of published results, for a picture."""
    return [(f"{r['text']}: {r['network']} ({r['source']})", bits_of(r)) for r in results]


def our_bars(models):
    """Names and bits of stored networks, for the same picture."""
    settings = [model.settings for model in models]
    return [
        (f"{title_of(s)}: {cell_of(s)} (this series)", s["bits_per_character_held_out"])
        for s in settings
    ]


def title_of(settings):
    """The title of the text that a stored network has learnt, without author and year."""
    return settings["title"].partition(",")[0]


def cell_of(settings):
    """RNN or LSTM."""
    return settings.get("cell", "RNN")
