"""`python -m desk.verify_audit [--head ID:HASH]`: check the audit trail, and say where it breaks.

The exit status is 0 when the chain is whole, 1 when it is broken, 2 when it cannot be read.
"""

from __future__ import annotations

import argparse
import re
import sys

from sqlalchemy.exc import SQLAlchemyError

from clinic.audit_chain import Link
from desk import audit
from desk.audit import Verdict
from desk.settings import SettingsError, read_settings
from desk.storage.database import Database, DatabaseError

_HEAD = re.compile(r"^([0-9]{1,18}):([0-9a-f]{64})$", re.ASCII)
_SHOWN = 20


def main(arguments: list[str] | None = None) -> int:
    """Check, and print what was found."""
    parser = argparse.ArgumentParser(prog="python -m desk.verify_audit", description=__doc__)
    parser.add_argument(
        "--head",
        type=_head,
        metavar="ID:HASH",
        help="printed by an earlier check: the trail must still hold that entry unchanged",
    )
    noted: Link | None = parser.parse_args(arguments).head
    try:
        database = Database(read_settings().database_url)
        try:
            with database.read() as session:
                verdict = audit.verify(session)
                still = noted is None or _holds(verdict, noted, audit.hash_at(session, noted.id))
        finally:
            database.close()
    except (DatabaseError, SettingsError) as error:
        sys.stderr.write(f"verify_audit: {error}\n")
        return 2
    except SQLAlchemyError as error:
        cause = getattr(error, "orig", None) or type(error).__name__
        sys.stderr.write(
            f"verify_audit: the audit trail cannot be read: {cause}. Start Clinic Chat once, so "
            "that it brings the database up to date.\n"
        )
        return 2
    sys.stdout.write(_report(verdict))
    if not still:
        sys.stdout.write(f"Entry {noted.id if noted else 0} is not the one noted before.\n")
    return 0 if still and not verdict.breaks else 1


def _holds(verdict: Verdict, noted: Link, stored: str | None) -> bool:
    # What the retention has taken away cannot be compared any more, but for the cut itself.
    if noted.id < verdict.start.id:
        return True
    return noted in {verdict.start, verdict.end} or stored == noted.hash


def _report(verdict: Verdict) -> str:
    lines = [f"Audit trail: {verdict.entries} entries"]
    if verdict.start.id:
        lines[0] += f", those up to {verdict.start.id} taken away by age"
    if verdict.breaks:
        lines += [f"BROKEN at entry {one.id}: it {one.what}." for one in verdict.breaks[:_SHOWN]]
        if len(verdict.breaks) > _SHOWN:
            lines.append(f"… and at {len(verdict.breaks) - _SHOWN} more places.")
    else:
        lines.append("Whole: every entry is as written and follows the one before.")
        lines.append(f"Head: {verdict.end}")
    return "\n".join(lines) + "\n"


def _head(text: str) -> Link:
    found = _HEAD.match(text)
    if not found:
        raise argparse.ArgumentTypeError("expected ID:HASH as an earlier check printed it")
    return Link(int(found[1]), found[2])


if __name__ == "__main__":
    sys.exit(main())
