import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from clinic.internal_secret import internal_secret


def test_the_given_secret_is_the_secret(tmp_path: Path) -> None:
    environ = {"CLINIC_INTERNAL_SECRET": "given", "CLINIC_VAR": str(tmp_path)}
    assert internal_secret(environ) == "given"
    assert list(tmp_path.iterdir()) == []


def test_processes_that_start_together_agree_on_one_that_only_the_owner_reads(
    tmp_path: Path,
) -> None:
    environ = {"CLINIC_VAR": str(tmp_path / "var")}
    with ThreadPoolExecutor(8) as pool:
        found = set(pool.map(lambda _: internal_secret(environ), range(8)))
    assert len(found) == 1
    assert len(found.pop()) >= 32
    [file] = (tmp_path / "var").iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
