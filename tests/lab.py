"""A real JupyterLab with a throw-away profile, and a page of headless Chromium in it."""

import contextlib
import json
import os
import re
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

import nbformat
from conftest import ROOT
from nbformat.v4 import new_code_cell, new_notebook

IDLE = re.compile(r"Python 3.*\| Idle")
# What an error, or a warning, of a cell looks like in the page.
WRONG = "[data-mime-type$='jupyter.stderr'], [data-mime-type$='jupyter.error']"
# Keys that JupyterLab would take for itself if no field had the focus: cut, paste, delete twice,
# a new cell above and below, Markdown, undo, restart the kernel.
DANGEROUS = "xvddabmz00"
# RNN_LATE=40 hands every message of Python to the page 40 ms after the one before it, so that a
# test that looks at a part of a widget before it has come fails here, and not on a busy machine.
# How soon something is shown is not judged then.
LATE = """(() => {
    const hands = new WeakMap(), handed = new WeakMap();
    Object.defineProperty(WebSocket.prototype, 'onmessage', {set(hand) {
        if (!hands.has(this)) this.addEventListener('message', message => {
            const at = Math.max(handed.get(this) || 0, performance.now()) + WAIT;
            handed.set(this, at);
            setTimeout(() => hands.get(this).call(this, message), at - performance.now());
        });
        hands.set(this, hand);
    }});
})()"""
# A thread of Python takes requests one after the other, so whatever was asked before is answered
# when a request for nothing is. A kernel may answer widgets in two threads (see `widgets.turns`):
# the main one, and one whose number the widgets' comms know. There are three rounds, as a slider
# sends its last place after the first answer.
SETTLE = """async () => {
    const kernel = jupyterapp.shell.currentWidget.sessionContext.session.kernel;
    let timer;
    const late = new Promise((_, no) => {
        timer = setTimeout(() => no(Error('Python is busy')), 120_000);
    });
    const asked = subshell_id => kernel.sendShellMessage({
        header: {msg_id: crypto.randomUUID(), msg_type: 'kernel_info_request', subshell_id,
            username: '', session: kernel.clientId, date: new Date().toISOString(),
            version: '5.2'},
        parent_header: {}, metadata: {}, content: {}, buffers: [], channel: 'shell',
    }, true).done;
    for (let i = 0; i < 3; i++) {
        const threads = new Set([...kernel._comms.values()].map(comm => comm.subshellId));
        const all = [...threads.add(null)].map(asked);
        await Promise.race([Promise.all(all), late]);
    }
    clearTimeout(timer);
    await new Promise(requestAnimationFrame);
}"""
# From something that is done to the widget until a part of it has changed, in milliseconds.
LATENCY = """async ([box, part, act, times]) => {
    const taken = [];
    for (let i = 0; i < times; i++) {
        await (SETTLE)();
        const begin = performance.now();
        const kinds = {childList: true, subtree: true, characterData: true};
        const drawn = new Promise(done => new MutationObserver((_, observer) => {
            observer.disconnect(); done();
        }).observe(box.querySelector(part), kinds));
        new Function('box', 'i', act)(box, i);
        const late = new Promise((_, no) =>
            setTimeout(() => no(Error('nothing changed')), 30_000));
        await Promise.race([drawn, late]);
        taken.push(performance.now() - begin);
    }
    return taken;
}""".replace("SETTLE", SETTLE)
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@contextlib.contextmanager
def jupyterlab(theme="JupyterLab Light", extra=None):
    """Serve a copy of the series (never the checkout: Lab saves by itself).

    Yields its address, its token, and the folder that is served. Nothing of the user's own
    Jupyter is read or written. `extra` adds notebooks: the sources of their cells, by name.
    """
    home = Path(tempfile.mkdtemp())
    root = home / "series"
    for folder in ("notebooks", "data", "images", "rnn_helpers", "benchmarks"):
        shutil.copytree(ROOT / folder, root / folder)
    for name, sources in (extra or {}).items():
        notebook = new_notebook(
            cells=[new_code_cell(source) for source in sources],
            metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}},
        )
        nbformat.write(notebook, root / "notebooks" / name)

    def setting(plugin, name, value):
        folder = home / "settings" / "@jupyterlab" / plugin
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{name}.jupyterlab-settings").write_text(json.dumps(value), encoding="utf-8")

    setting("apputils-extension", "notification", {"fetchNews": "false", "checkForUpdates": False})
    setting("apputils-extension", "themes", {"theme": theme})
    # every cell stays in the page, also those that are scrolled out of sight
    setting("notebook-extension", "tracker", {"windowingMode": "none"})
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    token, address = secrets.token_hex(16), f"http://127.0.0.1:{port}"
    own = {f"JUPYTER_{kind}_DIR": str(home / kind) for kind in ("CONFIG", "DATA", "RUNTIME")}
    environment = os.environ | own
    environment |= {
        "JUPYTERLAB_SETTINGS_DIR": str(home / "settings"),
        "JUPYTERLAB_WORKSPACES_DIR": str(home / "workspaces"),
        "IPYTHONDIR": str(home / "ipython"),
    }
    with open(home / "server.log", "w", encoding="utf-8") as log:
        server = subprocess.Popen(
            [
                *(sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root"),
                *("--ServerApp.ip=127.0.0.1", f"--ServerApp.port={port}"),
                *("--ServerApp.port_retries=0", f"--IdentityProvider.token={token}"),
                f"--ServerApp.root_dir={root}",
                "--LabApp.expose_app_in_browser=True",  # for `settle`
                f"--config={ROOT / 'tools' / 'jupyter_server_config.py'}",
            ],
            env=environment,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        _wait_for(f"{address}/api/status?token={token}", home / "server.log")
        yield address, token, root
    finally:
        os.killpg(server.pid, signal.SIGINT)
        try:
            server.wait(15)
        except subprocess.TimeoutExpired:
            os.killpg(server.pid, signal.SIGKILL)
            server.wait()
        shutil.rmtree(home, ignore_errors=True)


def assert_soon(box, part, act, times=11, limit=100):
    """A part of a widget changes soon after the JavaScript `act`, done with box and i = 0, 1, ...

    Other programs only ever add to a time, so the limit, in milliseconds, is for the quickest; a
    reader would still call half a second for most of them slow.
    """
    taken = sorted(box.page.evaluate(LATENCY, [box.element_handle(), part, act, times]))
    print(f"{part}: {taken[0]:.0f} ms, median of {times}: {taken[times // 2]:.0f} ms")
    if "RNN_LATE" not in os.environ:
        assert taken[0] < limit and taken[times // 2] < 500, f"{part}: {taken} ms"


def assert_accessible(box):
    """No serious violation in the widget, by axe-core; contrasts are among what it looks at."""
    from axe_playwright_python.sync_playwright import Axe

    settle(box.page)
    box.evaluate("box => box.setAttribute('data-axe', 'here')")
    found = Axe().run(box.page, context="[data-axe='here']").response
    box.evaluate("box => box.removeAttribute('data-axe')")
    assert len(found["passes"]) > 5, "axe-core has looked at nothing"
    serious = [v for v in found["violations"] if v["impact"] in ("serious", "critical")]
    assert not serious, [(v["id"], v["nodes"][0]["html"]) for v in serious]


def _wait_for(address, log, seconds=90):
    for _ in range(4 * seconds):
        with contextlib.suppress(OSError):
            urllib.request.urlopen(address, timeout=1).close()
            return
        time.sleep(0.25)
    raise TimeoutError(f"JupyterLab did not start:\n{log.read_text(encoding='utf-8')[-2000:]}")


@contextlib.contextmanager
def chapter_page(browser, lab, name):
    """Open a chapter in a fresh workspace and yield (page, notebook panel, complaints).

    Complaints collects errors of the page and requests that leave this machine.
    """
    from playwright.sync_api import expect

    address, token, _ = lab
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    if "RNN_LATE" in os.environ:
        page.add_init_script(LATE.replace("WAIT", os.environ["RNN_LATE"]))
    complaints = []
    page.on("pageerror", lambda error: complaints.append(f"error: {error}"))
    page.on(
        "request",
        lambda r: (
            r.url.startswith((address, address.replace("http", "ws"), "data:", "blob:"))
            or complaints.append(f"request to {r.url}")
        ),
    )
    workspace = f"auto-{secrets.token_hex(3)}"
    page.goto(f"{address}/lab/workspaces/{workspace}/tree/notebooks/{name}?reset&token={token}")
    panel = page.locator(".jp-NotebookPanel:not(.lm-mod-hidden)")
    panel.wait_for(timeout=60_000)
    expect(page.locator("#jp-main-statusbar")).to_contain_text(IDLE, timeout=60_000)
    try:
        yield page, panel, complaints
    finally:
        page.close()


@contextlib.contextmanager
def ran_page(browser, lab, name, cells):
    """Open a notebook with so many cells, run it, and yield (page, notebook panel).

    At the end nothing may have gone wrong, and JupyterLab has taken no key for a cell.
    """
    with chapter_page(browser, lab, name) as (page, panel, complaints):
        run_all(page, panel)
        yield page, panel
        assert complaints == []
        assert panel.locator(WRONG).all_inner_texts() == []
        assert panel.locator(".jp-Cell").count() == cells, "JupyterLab took a key"


@contextlib.contextmanager
def cells_page(browser, theme, name, cells):
    """The same with a notebook of these cells, in a JupyterLab of its own in this theme."""
    with jupyterlab(theme=theme, extra={name: cells}) as lab:
        with ran_page(browser, lab, name, len(cells)) as opened:
            yield opened


def settle(page):
    """Wait until Python has answered all that was done in the page, and the page shows it."""
    page.evaluate(SETTLE)


def find_widget(opened, number):
    """The page at its usual size, and the widget with this number, scrolled to."""
    page, panel = opened
    page.set_viewport_size({"width": 1280, "height": 900})
    box = panel.locator(".jp-OutputArea-output > .widget-vbox").nth(number)
    box.wait_for(timeout=30_000)
    settle(page)  # what the last test did
    box.scroll_into_view_if_needed()
    return page, box


def assert_keeps_its_keys(opened, part, arrows, cells):
    """Press the keys that JupyterLab would take, in a part of a widget: it keeps its focus."""
    page, panel = opened
    part.focus()
    for key in [*DANGEROUS, *arrows]:
        page.keyboard.press(key)
    page.wait_for_timeout(150)
    assert panel.locator(".jp-Cell").count() == len(cells)
    assert part.evaluate("e => e === document.activeElement")


def run_all(page, panel, seconds=400):
    """Run All Cells by the menu; wait until each cell has its number, or one has failed."""
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_role("menuitem", name="Restart Kernel and Run All Cells…").click()
    page.get_by_role("button", name="Confirm Kernel Restart").click()
    page.wait_for_function(
        """wrong => {
            const prompts = [...document.querySelectorAll(
                '.jp-NotebookPanel:not(.lm-mod-hidden) .jp-CodeCell .jp-InputPrompt')];
            const shown = prompts.map(p => p.innerText.trim());
            const failed = [...document.querySelectorAll(wrong)]
                .some(output => output.innerText.includes("Traceback"));
            return failed || shown.every((s, i) => s === `[${i + 1}]:`)
                && document.querySelector('#jp-main-statusbar').innerText.includes('Idle');
        }""",
        arg=WRONG,
        timeout=seconds * 1000,
    )
