"""Bars that can be dragged: with the mouse, a finger, or the arrow keys."""

from html import escape

import ipywidgets as W

from rnn_helpers.widgets.html import KEEP_KEYS, NAME_SLIDERS, SPEAK, style_html
from rnn_helpers.widgets.turns import in_turn

# A row of bars is put into the page once and stays there, so that a bar keeps the focus and the
# pointer while Python draws the rest anew. These lines move a bar at once and write all values
# into a field of ipywidgets, which tells Python. `draw` in a row: the pointer sets each bar that
# it passes over, as a pen would; without it, the bar on which it was pressed.
TOUCH = """
if (!window.rnnTouch) {
  window.rnnTouch = true;
  const number = (e, name) => parseFloat(e.getAttribute(name));
  const put = (bar, value) => {
    const low = number(bar, 'aria-valuemin'), high = number(bar, 'aria-valuemax');
    const by = number(bar.parentElement, 'data-step');
    value = Math.min(Math.max(Math.round(value / by) * by, low), high);
    const spoken = value.toFixed(2).replace('-0.00', '0.00').replace('-', 'minus ');
    if (number(bar, 'aria-valuenow') === value) return;
    bar.setAttribute('aria-valuenow', value.toFixed(4));
    bar.setAttribute('aria-valuetext', spoken);
    const part = v => 100 * (v - low) / (high - low);
    const [top, bottom] = [Math.max(value, 0), Math.min(value, 0)].map(part);
    const fill = bar.firstElementChild;
    fill.style.bottom = bottom + '%';
    fill.style.height = (top - bottom) + '%';
    fill.classList.toggle('rnn-below', value < 0);
    const field = bar.closest('.rnn-touch').querySelector('.rnn-values input');
    const all = [...bar.parentElement.children];
    field.value = all.map(b => b.getAttribute('aria-valuenow')).join(' ');
    field.dispatchEvent(new Event('input', {bubbles: true}));
  };
  let held = null;
  const follow = e => {
    const bars = [...held.parentElement.children];
    if (held.parentElement.hasAttribute('data-pen'))
      held = bars.find(b => {
        const box = b.getBoundingClientRect();
        return box.left <= e.clientX && e.clientX < box.right;
      }) || held;
    const box = held.getBoundingClientRect();
    const low = number(held, 'aria-valuemin'), high = number(held, 'aria-valuemax');
    put(held, low + (high - low) * (box.bottom - e.clientY) / box.height);
  };
  window.addEventListener('pointerdown', e => {
    held = e.button ? null : e.target.closest?.('.rnn-draggable');
    if (!held) return;
    e.preventDefault();
    held.focus({preventScroll: true});
    follow(e);
  }, true);
  window.addEventListener('pointermove', e => { if (held) follow(e); }, true);
  for (const end of ['pointerup', 'pointercancel'])
    window.addEventListener(end, () => { held = null; }, true);
  window.addEventListener('keydown', e => {
    const bar = e.target.closest?.('.rnn-draggable');
    if (!bar || e.ctrlKey || e.metaKey || e.altKey || e.shiftKey) return;
    const bars = [...bar.parentElement.children], value = number(bar, 'aria-valuenow');
    const by = number(bar.parentElement, 'data-step');
    const most = number(bar, 'aria-valuemax'), least = number(bar, 'aria-valuemin');
    const up = {ArrowUp: value + by, ArrowDown: value - by, PageUp: value + 4 * by,
      PageDown: value - 4 * by, Home: least, End: most};
    const aside = {ArrowLeft: -1, ArrowRight: 1}[e.key];
    if (e.key in up) put(bar, up[e.key]);
    else if (aside) bars[bars.indexOf(bar) + aside]?.focus();
    else return;
    e.preventDefault();
  }, true);
  window.addEventListener('focusin', e => {
    const bar = e.target.closest?.('.rnn-draggable');
    if (bar) for (const b of bar.parentElement.children) b.tabIndex = b === bar ? 0 : -1;
  }, true);
}
""".replace("\n", " ")
CSS = """
.rnn-touched {color: var(--jp-content-font-color1, #1b1f24)}
.rnn-touched svg {display: block}
.rnn-touched svg text {fill: currentColor}
.rnn-touched svg .rnn-line {fill: none; stroke: currentColor}
.rnn-touched .widget-html-content {line-height: 1.5}
.rnn-layers {position: relative; overflow: auto hidden}
.rnn-layers > .rnn-over {position: absolute; left: 0; top: 0; pointer-events: none; margin: 0}
.rnn-layers > .rnn-touch {overflow: visible}
.rnn-layers .widget-html, .rnn-layers .widget-html-content {margin: 0; overflow: visible}
.rnn-said {max-width: 46em; min-height: 6em}
.rnn-said p {margin: 0 0 0.3em}
.rnn-values {display: none}
.rnn-bars {display: flex; position: relative; touch-action: none; user-select: none;
  cursor: ns-resize; color: var(--jp-content-font-color1, #1b1f24)}
.rnn-bars::after {content: ''; position: absolute; left: 0; right: 0; bottom: var(--zero);
  border-top: 1px solid currentColor; pointer-events: none}
.rnn-draggable {position: relative; flex: none; height: 100%; box-sizing: border-box;
  border: 1px solid transparent; border-width: 0 1px}
.rnn-draggable:hover {background: rgba(128, 128, 128, 0.15)}
.rnn-draggable:focus-visible {outline: 2px solid currentColor; outline-offset: -1px}
.rnn-fill {position: absolute; left: var(--side); right: var(--side); box-sizing: border-box;
  background: #0072b2; border-top: 4px solid currentColor; pointer-events: none}
.rnn-fill.rnn-below {border-top: 0; border-bottom: 4px solid currentColor}
"""


READY = style_html(CSS, f"{TOUCH};{NAME_SLIDERS};{SPEAK};{KEEP_KEYS}")  # once in a widget


def over(bars, picture, *, left, top, below):
    """A row of bars with a picture over it, which lets the pointer through.

    `left`, `top` and `below` say how many pixels of the picture lie beside the bars.
    """
    bars.layout.margin = f"{top}px 0 {below}px {left}px"
    picture.add_class("rnn-over")
    layers = W.Box([bars, picture])
    layers.add_class("rnn-layers")
    return layers


def described(svg, width, height, words):
    """A picture of this size in pixels, with words for those who do not see it."""
    return (
        f"<svg viewBox='0 0 {width} {height}' width='{width}' height='{height}' role='img' "
        f"aria-label='{escape(words, quote=True)}' font-family='sans-serif' font-size='13'>"
        f"{svg}</svg>"
    )


class Bars(W.VBox):
    """A row of bars from zero, each of which can be dragged up and down.

    Parameters
    ----------
    names : list of str
        What each bar is, for a screen reader.
    values : sequence of float
    low, high, step : float
        The range, which contains zero, and the step of a key.
    width, height : int
        Of one bar's column and of the row, in pixels.
    label : str
        What the row is.
    draw : bool
        Whether the pointer sets each bar that it passes over.

    `values` are the numbers; `changed` is called, without arguments, when a reader moves a bar.
    """

    def __init__(
        self, names, values, changed, *, low, high, step, width, height, label, draw=False
    ):
        self.names, self.low, self.high, self.step = names, low, high, step
        self.size, self.label, self.draw = (width, height), label, draw
        self.changed, self.quiet, self.drawn = changed, False, 0
        self.row, self.field = W.HTML(), W.Text()
        self.field.add_class("rnn-values")
        self.field.observe(self.moved, names="value")
        super().__init__([W.HTML(READY), self.row, self.field])
        self.add_class("rnn-touch")
        self.values = values

    @property
    def values(self):
        """The height of each bar."""
        return [float(value) for value in self.field.value.split()]

    @values.setter
    def values(self, values):
        values = [min(max(value, self.low), self.high) for value in values]
        self.quiet = True  # who sets them knows it
        self.field.value = " ".join(f"{value:.4f}" for value in values)
        self.quiet = False
        self.drawn += 1  # the page has moved bars by itself: the same text must reach it again
        self.row.value = self.html()

    @in_turn
    def moved(self, change):
        """A reader has moved a bar."""
        if not self.quiet:
            self.changed()

    def part(self, value):
        """Where a value stands, in per cent of the height."""
        return 100 * (value - self.low) / (self.high - self.low)

    def html(self):
        """The row, to be put into the page."""
        width, height = self.size
        columns = []
        for i, (name, value) in enumerate(zip(self.names, self.values)):
            top, bottom = self.part(max(value, 0)), self.part(min(value, 0))
            spoken = f"{value:.2f}".replace("-0.00", "0.00").replace("-", "minus ")
            below = " rnn-below" if value < 0 else ""
            columns.append(
                f"<div class='rnn-draggable' role='slider' tabindex='{-1 if i else 0}' "
                f"aria-label='{escape(name, quote=True)}' aria-orientation='vertical' "
                f"aria-valuemin='{self.low}' aria-valuemax='{self.high}' "
                f"aria-valuenow='{value:.4f}' aria-valuetext='{spoken}' "
                f"style='width: {width}px'><div class='rnn-fill{below}' "
                f"style='bottom: {bottom:.2f}%; height: {top - bottom:.2f}%'></div></div>"
            )
        pen, across = " data-pen" if self.draw else "", width * len(self.names)
        return (
            f"<div class='rnn-bars' role='group' aria-label='{escape(self.label, quote=True)}' "
            f"data-drawn='{self.drawn}' data-step='{self.step}'{pen} style='width: {across}px; "
            f"height: {height}px; --zero: {self.part(0):.2f}%; --side: {width * 0.2:.0f}px'>"
            f"{''.join(columns)}</div>"
        )
