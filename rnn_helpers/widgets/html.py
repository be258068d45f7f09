"""Parts of a page, as HTML, that several widgets show."""

from html import escape

from rnn_helpers.plots import BLUE, visible

# ipywidgets gives the handle of a slider no name that a screen reader could say. This line of
# JavaScript does, each time the style that holds it is put into the page.
NAME_SLIDERS = (
    "for (const wait of [100, 500, 2000]) setTimeout(() => "
    "document.querySelectorAll('.widget-slider .noUi-handle').forEach(h => "
    "h.setAttribute('aria-label', h.closest('.widget-slider').querySelector('label').textContent)"
    "), wait)"
)

# Nor does it let a part of a widget say that it changes: these lines have a screen reader read out
# what appears in .rnn-said.
SPEAK = (
    "for (const wait of [100, 500, 2000]) setTimeout(() => "
    "document.querySelectorAll('.rnn-said').forEach(e => e.setAttribute('role', 'status')), wait)"
)

# JupyterLab takes keys for itself while a button or a slider has the focus: x cuts the cell, a
# makes a new one, an arrow key goes to the next one. These lines tell it, by an attribute that it
# knows, to leave keys alone that are pressed inside .rnn-keys. Ctrl+S, Shift+Enter and Escape
# still reach it. They listen at the window, which comes before JupyterLab's listener.
KEEP_KEYS = (
    "if (!window.rnnKeys) {window.rnnKeys = true; window.addEventListener('keydown', e => {"
    "if (!e.target.closest?.('.rnn-keys')) return;"
    "const lab = e.ctrlKey || e.metaKey || e.altKey || e.key === 'Escape'"
    " || e.shiftKey && e.key === 'Enter';"
    "e.target.toggleAttribute('data-lm-suppress-shortcuts', !lab)}, true)}"
)

# ipywidgets tells Python nothing of a click in HTML. A hidden field, .rnn-picked, passes it on:
# the name of what was clicked (data-pick) or, in a text or a picture through which one walks
# (data-walk, its rows and columns), name, row and column (data-at). Arrow keys, Home and End walk;
# Enter goes to the element that data-enter names. A count makes each message a new one. Where
# Python puts new HTML in the place of what had the focus, what bears the same name there gets it,
# with the place to which the keys had come; an observer runs before the next key does.
PICK = (
    "if (!window.rnnPick) {window.rnnPick = 1;"
    "const tell = (from, what) => {"
    "const field = from.closest('.rnn-pick')?.querySelector('.rnn-picked input');"
    "if (!field) return; field.value = what + ' ' + window.rnnPick++;"
    "field.dispatchEvent(new Event('input', {bubbles: true}))};"
    "const walk = (e, row, column) => {e.dataset.at = row + ' ' + column;"
    "e.dataset.when = Date.now();"
    "tell(e, e.dataset.name + ' ' + e.dataset.at)};"
    "window.addEventListener('click', e => {"
    "const button = e.target.closest?.('[data-pick]');"
    "if (button) return tell(button, button.dataset.pick);"
    "const place = e.target.closest?.('[data-walk]'); if (!place) return;"
    "const i = e.target.closest('[data-i]')?.dataset.i; if (i) return walk(place, 0, +i);"
    "if (e.target.tagName !== 'IMG') return;"
    "const [top, left, rows, columns] = place.dataset.shown.split(' ').map(Number);"
    "const box = e.target.getBoundingClientRect();"
    "const at = (part, whole, n) => Math.min(Math.max(Math.floor(n * part / whole), 0), n - 1);"
    "walk(place, top + at(e.clientY - box.top, box.height, rows),"
    " left + at(e.clientX - box.left, box.width, columns))});"
    "let last = null;"
    "window.addEventListener('focusin', e => {const box = e.target.closest?.('.rnn-pick'),"
    " of = e.target.dataset || {};"
    "last = box && (of.pick || of.name) && [box, of.pick, of.name, e.target]});"
    "new MutationObserver(() => {"
    "if (!last || last[3].isConnected || document.activeElement !== document.body) return;"
    "const [box, pick, name] = last, find = pick ? ['pick', pick] : ['name', name];"
    "const next = [...box.querySelectorAll('[data-' + find[0] + ']')]"
    ".find(e => e.dataset[find[0]] === find[1]); if (!next) return;"
    "if (next.dataset.walk) Object.assign(next.dataset,"
    " {at: last[3].dataset.at, when: last[3].dataset.when || 0});"
    "next.focus({preventScroll: true})}).observe(document.body, {childList: true, subtree: true});"
    "window.addEventListener('keydown', e => {"
    "const place = e.target.matches?.('[data-walk]') && e.target;"
    "if (!place || e.ctrlKey || e.metaKey || e.altKey || e.shiftKey) return;"
    "if (e.key === 'Enter') {e.preventDefault();"
    "place.closest('.rnn-pick').querySelector(place.dataset.enter || ':not(*)')?.focus(); return}"
    "const [rows, columns] = place.dataset.walk.split(' ').map(Number);"
    "const [row, column] = place.dataset.at.split(' ').map(Number);"
    "const to = {ArrowLeft: [row, column - 1], ArrowRight: [row, column + 1],"
    " Home: [row, 0], End: [row, columns - 1],"
    " ...(rows > 1 && {ArrowUp: [row - 1, column], ArrowDown: [row + 1, column]})}[e.key];"
    "if (!to) return; e.preventDefault();"
    "if (to[0] >= 0 && to[0] < rows && to[1] >= 0 && to[1] < columns) walk(place, ...to)})}"
)
# A mark that was moved by Python: the keys go on from there, and it is scrolled into view. Where
# one walks right now, it may be an answer to an earlier key: the next key must not go back there.
MARKED = (
    "for (const walk of document.querySelectorAll('PLACE')) {"
    "if (document.activeElement !== walk || Date.now() - (walk.dataset.when || 0) > 500)"
    " walk.dataset.at = 'AT';"
    "const e = walk.querySelector('[data-i=\\'COLUMN\\']'); if (e) {"
    "const y = e.getBoundingClientRect().top - walk.getBoundingClientRect().top;"
    "if (y < 0 || y > walk.clientHeight - 40) walk.scrollTop += y - walk.clientHeight / 2}}"
)


CSS = """
.rnn-picked {display: none}
.rnn-page {background: var(--jp-layout-color1, #fff); font-family: monospace; line-height: 1.7;
  color: var(--jp-content-font-color1, #1b1f24); padding: 0.4em 0.6em;
  border: 1px solid #808080; max-height: 24em; overflow-y: auto;
  white-space: pre-wrap; overflow-wrap: anywhere}
[data-walk]:focus-visible {outline: 3px solid #0072b2; outline-offset: 1px}
[data-i], [data-pick] {cursor: pointer}
.rnn-table {border-collapse: collapse; margin: 0.3em 1.5em 0.3em 0; line-height: 1.5}
.rnn-table caption {text-align: left; white-space: nowrap}
.rnn-table th, .rnn-table td {padding: 0.1em 0.6em; text-align: right; font-weight: normal;
  vertical-align: middle}
.rnn-table th:first-child {font-family: monospace; text-align: left}
.rnn-bar {height: 0.9em; background: BLUE}
.rnn-key span {padding: 0 0.4em 0.2em; white-space: nowrap}
.rnn-old {opacity: 0.5}
""".replace("BLUE", BLUE)


def style_html(css, script=NAME_SLIDERS):
    """Rules for the page, and JavaScript that runs when they are put into it."""
    return f'<style onload="{script}">{css}</style>'


def page_html(content, more=""):
    """A box for a long text, which scrolls and can be reached by the Tab key."""
    return f"<div class='rnn-page' tabindex='0'{more}>{content}</div>"


def walk_attributes(name, words, rows, columns, enter=""):
    """Attributes of a part of the page through which one walks by click or by keys (see `PICK`).

    What is picked there arrives at the widget's `pick` as its name, a row and a column; `words`
    say what it is. `enter` selects what the Enter key goes to.
    """
    return (
        f" data-walk='{rows} {columns}' data-name='{name}' data-at='0 0' role='group'"
        f" aria-label='{escape(words, quote=True)}'" + f" data-enter='{enter}'" * bool(enter)
    )


def mark_html(place, name, row, column):
    """Frame a character of the text `name` in the widget at this selector; keys go on there."""
    walk = f"{place} [data-name='{name}']"
    frame = (
        f"{walk} [data-i='{column}'] {{outline: 2px solid "
        "var(--jp-content-font-color1, #1b1f24); position: relative; z-index: 1}"
    )
    script = MARKED.replace("PLACE", walk.replace("'", "\\'"))
    script = script.replace("AT", f"{row} {column}").replace("COLUMN", str(column))
    return style_html(frame, f"{NAME_SLIDERS};{script}")


def bars_html(vocabulary, ids, probabilities, caption):
    """A table of characters: each with its probability as a bar and in per cent."""
    rows = "".join(
        f"<tr><th scope='row'>{escape(visible(vocabulary.characters[i]))}</th>"
        f"<td style='width: 14em'><div class='rnn-bar' style='width: {100 * p:.1f}%'>"
        f"</div></td><td>{p:.1%}</td></tr>"
        for i, p in zip(ids, probabilities)
        if p >= 0.0005
    )
    return f"<table class='rnn-table'><caption>{caption}</caption><tbody>{rows}</tbody></table>"


def problem_html(error):
    """What is wrong, in the page, marked by words and not by colour alone."""
    message = str(error)
    stop = "" if message.endswith((".", "?")) else "."
    return (
        f"<p role='alert'><b>This cannot be shown:</b> {escape(message)}{stop}"
        " <i>The last result, if there is one, stays below in grey.</i></p>"
    )
