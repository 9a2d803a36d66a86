"""`python -m desk.make_nurse --email … --role nurse|lead|admin [--name …]`: make an account.

Prints the generated password, this once.
"""

from __future__ import annotations

import argparse
import os
import sys

from desk.accounts import make_nurse
from desk.app import utc_now
from desk.errors import DeskError
from desk.settings import SettingsError, read_settings
from desk.storage.database import Database
from desk.storage.migrate import upgrade


def main(arguments: list[str] | None = None) -> int:
    """Make the account; the exit status is 2, with one sentence, when that is impossible."""
    parser = argparse.ArgumentParser(prog="python -m desk.make_nurse", description=__doc__)
    parser.add_argument("--email", required=True)
    parser.add_argument("--role", choices=("nurse", "lead", "admin"), default="nurse")
    parser.add_argument("--name", help="as colleagues see it; default: from the e-mail address")
    chosen = parser.parse_args(arguments)
    os.umask(0o077)
    try:
        settings = read_settings()
        upgrade(settings.database_url)
        database = Database(settings.database_url)
        with database.write() as session:
            made = make_nurse(
                session, email=chosen.email, role=chosen.role, name=chosen.name, now=utc_now()
            )
    except (DeskError, SettingsError) as error:
        sys.stderr.write(f"make_nurse: {error}\n")
        return 2
    sys.stdout.write(
        f"Account:  {made.nurse.email} ({made.nurse.role})\n"
        f"Password: {made.password}\n"
        "Write it down now; it is not shown again.\n"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
