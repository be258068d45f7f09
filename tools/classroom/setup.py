"""Fetch what the kit needs, once: `make classroom-setup`. Afterwards no network is needed.

reveal.js and MathJax are packages of the npm registry. npm fetches them where it is installed;
elsewhere they are downloaded from the registry. Either way the hash of each is compared.
"""

import base64
import hashlib
import shutil
import subprocess
import sys
import tarfile
import tempfile
import urllib.request
from pathlib import Path

from classroom import LIBRARIES, ROOT

REGISTRY = "https://registry.npmjs.org"
# package: (version, SHA-512 as npm writes it, the files that are kept)
PACKAGES = {
    "reveal.js": (
        "5.2.1",
        "r7//6mIM5p34hFiDMvYfXgyjXqGRta+/psd9YtytsgRlrpRzFv4RbH76TXd2qD+7ZPZEbpBDhdRhJaFgfQ7zNQ==",
        (
            "dist/reset.css",
            "dist/reveal.css",
            "dist/reveal.js",
            "plugin/notes/notes.js",
            "LICENSE",
        ),
    ),
    "mathjax": (
        "3.2.2",
        "Bt+SSVU8eBG27zChVewOicYs7Xsdt40qm4+UpHyX7k0/O9NliPc+x77k1/FEsPsjKPZGJvtRZM1vO+geW0OhGw==",
        ("es5/tex-svg.js", "LICENSE"),
    ),
}
ENVIRONMENT = ROOT / ".venv-classroom"


def make():
    """Fetch the libraries and install nbgrader; returns the folders."""
    for name in PACKAGES:
        if not (LIBRARIES / name / "complete").exists():
            print(f"== {name}", flush=True)
            unpack(name, fetched(name))
    install()
    return [LIBRARIES / name for name in PACKAGES] + [ENVIRONMENT]


def fetched(name):
    """The archive of a package, as bytes."""
    version, _, _ = PACKAGES[name]
    with tempfile.TemporaryDirectory() as folder:
        if shutil.which("npm"):
            command = ["npm", "pack", "--silent", f"{name}@{version}"]
            done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
            if done.returncode:
                raise RuntimeError(f"npm could not fetch {name}: {done.stderr.strip()}")
            (archive,) = Path(folder).glob("*.tgz")
            return archive.read_bytes()
    with urllib.request.urlopen(f"{REGISTRY}/{name}/-/{name}-{version}.tgz", timeout=120) as page:
        return page.read()


def unpack(name, archive):
    """Check an archive and keep the files of it that the kit uses."""
    version, expected, kept = PACKAGES[name]
    found = base64.b64encode(hashlib.sha512(archive).digest()).decode()
    if found != expected:
        raise ValueError(
            f"the archive of {name} {version} is not the one that the kit was made with "
            f"(its SHA-512 is {found}); fetch it again, on another network if this stays"
        )
    folder = LIBRARIES / name
    shutil.rmtree(folder, ignore_errors=True)
    with tempfile.TemporaryDirectory() as place:
        whole = Path(place) / "archive.tgz"
        whole.write_bytes(archive)
        with tarfile.open(whole) as files:
            for path in kept:
                target = folder / path.removeprefix("es5/")
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(files.extractfile(f"package/{path}").read())
    (folder / "complete").write_text(version + "\n", encoding="utf-8")


def install():
    """Install nbgrader in an environment of its own."""
    python = ENVIRONMENT / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    if not python.exists():
        print(f"== {ENVIRONMENT.name} (some minutes)", flush=True)
        subprocess.run([sys.executable, "-m", "venv", str(ENVIRONMENT)], check=True)
    command = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    listed = ["-r", str(ROOT / "requirements-classroom.txt")]
    subprocess.run([str(python), *command, *listed], check=True, cwd=ROOT)
