"""Files that are whole: arrays in one .npz file with a checksum, put in place in one step."""

import hashlib
import io
import json
import os
import re
import secrets
import stat
import zipfile
from contextlib import contextmanager, suppress
from pathlib import Path

import numpy as np

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None


def pack(about, arrays):
    """The bytes of an .npz file: the arrays, `about` as a JSON text, and a checksum of all.

    The same parts give the same bytes. Raises TypeError for what neither JSON nor an array of
    numbers can hold, and ValueError for an array of a name that is taken.
    """
    if {"about", "checksum"} & arrays.keys():
        raise ValueError("an array cannot be called `about` or `checksum`")
    # A str may hold one half of a surrogate pair, which strict UTF-8 refuses.
    text = json.dumps(_plain(about), ensure_ascii=False).encode("utf-8", "surrogatepass")
    members = {name: _npy_bytes(name, array) for name, array in arrays.items()}
    members["about"] = _npy_bytes("about", np.frombuffer(text, np.uint8))
    members["checksum"] = _npy_bytes("checksum", np.frombuffer(_checksum(members), np.uint8))
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in members.items():  # a ZipInfo has a fixed date
            archive.writestr(zipfile.ZipInfo(f"{name}.npy"), content, zipfile.ZIP_DEFLATED)
    return file.getvalue()


def unpack(data):
    """What `pack` packed: `about`, the arrays, and whether there was a checksum.

    Nothing is read as an array before the checksum is found right. Raises ValueError, or a
    KeyError if there is no `about`.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = {
                info.filename.removesuffix(".npy"): archive.read(info)
                for info in archive.infolist()
            }
    except MemoryError:
        raise
    except Exception:  # damaged bytes fail in many ways; each means the same
        raise ValueError("it is not an .npz file, or it is damaged or cut short") from None
    checksum = members.pop("checksum", None)
    if checksum is not None and _npy_array(checksum).tobytes() != _checksum(members):
        raise ValueError("it is damaged: its checksum is wrong")
    about = _npy_array(members.pop("about")).tobytes().decode("utf-8", "surrogatepass")
    arrays = {name: _npy_array(content) for name, content in members.items()}
    return json.loads(about), arrays, checksum is not None


def same(one, other):
    """Whether two pairs of `about` and arrays, as `pack` takes them, agree bit for bit."""
    one, other = (
        (
            repr(_plain(about)),
            {name: (a.dtype, a.shape, a.tobytes()) for name, a in arrays.items()},
        )
        for about, arrays in (one, other)
    )
    return one == other  # as text, `about` shows 1 and 1.0 as different, NaN and NaN as equal


def _plain(value):
    """A value in the types that come back from JSON; TypeError if it has no place there."""
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, list | tuple):
        return [_plain(v) for v in value]
    if isinstance(value, dict) and all(type(key) is str for key in value):
        return {key: _plain(v) for key, v in value.items()}
    if value is None or type(value) in (bool, int, float, str):
        return value
    raise TypeError(
        "settings may hold numbers, text, lists, and dicts with text as keys, but not "
        f"{value!r} ({type(value).__name__})"
    )


def _npy_bytes(name, array):
    if type(array) is not np.ndarray or array.dtype.hasobject:
        raise TypeError(f"{name} must be a NumPy array of numbers, not {array!r:.60}")
    file = io.BytesIO()
    np.lib.format.write_array(file, array, allow_pickle=False)
    return file.getvalue()


def _npy_array(content):
    return np.lib.format.read_array(io.BytesIO(content), allow_pickle=False)


def _checksum(members):
    """SHA-256 of all names and contents; these include the dtype and shape of each array."""
    digest = hashlib.sha256()
    for name, content in sorted(members.items()):
        digest.update(f"{name} {len(content)}\n".encode() + content)
    return digest.digest()


def replace(path, data):
    """Give a file these bytes in one step: whoever reads it finds the old ones or the new ones.

    The bytes are written to a file beside it (`.NAME.RANDOM.part`), which then takes its place.
    If path is a symbolic link, the file that it leads to is replaced. Permissions are kept.
    """
    target = Path(os.path.realpath(path))
    if not target.parent.is_dir():
        raise FileNotFoundError(f"there is no folder {target.parent} to save {target.name} in")
    if target.exists() and not target.is_file():
        raise OSError(f"{path} is a folder or a device, not a file that can be replaced")
    mode = stat.S_IMODE(target.stat().st_mode) if target.exists() else None
    # Random, because a process number is shared by threads, and by processes in containers.
    aside = target.with_name(f".{target.name}.{secrets.token_hex(8)}.part")

    def create(name, flags):  # a private file is never readable by others, not even aside
        return os.open(name, flags, 0o666 if mode is None else mode)

    with _sole_saver_cleans_up(target):
        try:
            with open(aside, "xb", opener=create) as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())  # on disk before it gets the name
            if mode is not None:
                os.chmod(aside, mode)
            os.replace(aside, target)
        finally:
            aside.unlink(missing_ok=True)


@contextmanager
def _sole_saver_cleans_up(target):
    """Remove the side files of killed saves of this file, if no other save is running.

    Every save holds a shared lock on the folder, which ends with the process at the latest. So
    whoever gets an exclusive one knows that nobody is writing: each side file is left over.
    Where a folder cannot be locked (Windows, some network drives), side files stay.
    """
    left_over = re.compile(re.escape(f".{target.name}.") + "[0-9a-f]+[.]part")
    folder = None
    with suppress(OSError):
        if fcntl is not None:
            folder = os.open(target.parent, os.O_RDONLY)
            with suppress(OSError):
                fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
                for path in target.parent.iterdir():
                    if left_over.fullmatch(path.name):
                        path.unlink(missing_ok=True)
            fcntl.flock(folder, fcntl.LOCK_SH)
    try:
        yield
    finally:
        if folder is not None:
            os.close(folder)
