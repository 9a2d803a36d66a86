"""`python -m desk.make_backup --to FOLDER [--keep DAYS]`: a consistent copy, while the desk runs.

The exit status is 2, with one sentence, when it could not be made.
"""

from __future__ import annotations

import argparse
import os
import sys
from datetime import timedelta
from pathlib import Path

from desk.app import utc_now
from desk.backups import BackupError, make_backup, prune
from desk.settings import SettingsError, read_settings


def main(arguments: list[str] | None = None) -> int:
    """Make one, and delete those that are too old."""
    parser = argparse.ArgumentParser(prog="python -m desk.make_backup", description=__doc__)
    parser.add_argument("--to", required=True, type=Path, help="the folder that holds the backups")
    parser.add_argument(
        "--keep", type=_days, metavar="DAYS", help="afterwards delete those older than this"
    )
    chosen = parser.parse_args(arguments)
    os.umask(0o077)  # patients' data: for this user alone
    now = utc_now()
    try:
        made = make_backup(read_settings(), chosen.to, now=now)
        old = prune(chosen.to, keep=chosen.keep, now=now) if chosen.keep else ()
    except (BackupError, SettingsError) as error:
        sys.stderr.write(f"make_backup: {error}\n")
        return 2
    sys.stdout.write(f"Backup:  {made}\nChecked: whole, and the audit trail too\n")
    sys.stdout.writelines(f"Deleted: {path}\n" for path in old)
    return 0


def _days(text: str) -> timedelta:
    if not text.isascii() or not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError("expected a number of days, 1 or more")
    return timedelta(days=int(text))


if __name__ == "__main__":
    sys.exit(main())
