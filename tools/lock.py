"""`make lock`: compile requirements/*.in into locked files, hashes and all, no addresses."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from tools.environments import ROOT, python_of
from tools.interpreters import VERSIONS, SetupError

# The development sets are held to the versions of the production ones, so these come first.
_ORDER = ("assistant", "assistant-dev", "desk", "desk-dev")
_OLDEST = {"assistant": VERSIONS["assistant"][0], "desk": "3.11"}
# What requirements/overrides.in locks out; a package with its hashes, up to the next package.
_LOCKED_OUT = re.compile(
    r"^\S+ ; (?:.* and )?sys_platform == 'none' \\\n(?:    --hash=\S+(?: \\)?\n)+", re.MULTILINE
)


def main() -> int:
    """Compile all; the first failure ends it."""
    try:
        uv = python_of("desk", dev=True).parent / "uv"
    except SetupError as error:
        print(error, file=sys.stderr)
        return 1
    for name in _ORDER:
        command = [
            str(uv), "pip", "compile", "--quiet", "--universal", "--generate-hashes",
            "--no-emit-index-url", "--no-emit-find-links", "--no-annotate", "--no-header",
            "--overrides", "overrides.in", "--python-version", _OLDEST[name.split("-")[0]],
            f"{name}.in", "-o", f"{name}.txt", *sys.argv[1:],
        ]  # fmt: skip
        done = subprocess.run(command, cwd=ROOT / "requirements", check=False)
        if done.returncode:
            return done.returncode
        lock = ROOT / "requirements" / f"{name}.txt"
        lock.write_text(_LOCKED_OUT.sub("", lock.read_text(encoding="utf-8")), encoding="utf-8")
        print(f"requirements/{name}.txt: locked")
    return 0


if __name__ == "__main__":
    sys.exit(main())
