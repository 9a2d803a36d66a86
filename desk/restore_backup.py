"""`python -m desk.restore_backup --from FOLDER`: put a backup where no database is yet.

The exit status is 2, with one sentence, when that is impossible; then nothing is changed.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from desk.app import utc_now
from desk.backups import BackupError, restore_backup
from desk.settings import SettingsError, read_settings


def main(arguments: list[str] | None = None) -> int:
    """Restore, and print what is there now."""
    parser = argparse.ArgumentParser(prog="python -m desk.restore_backup", description=__doc__)
    parser.add_argument("--from", dest="folder", required=True, type=Path, help="one backup")
    chosen = parser.parse_args(arguments)
    os.umask(0o077)
    try:
        settings = read_settings()
        manifest = restore_backup(chosen.folder, settings, now=utc_now())
    except (BackupError, SettingsError) as error:
        sys.stderr.write(f"restore_backup: {error}\n")
        return 2
    sys.stdout.write(
        f"Restored: the state of {manifest.made_at}, to {settings.var}\n"
        f"Checked:  {sum(manifest.rows.values())} rows in {len(manifest.rows)} tables, and the "
        "audit trail\n"
        f"Head:     {manifest.audit_head}\n"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
