"""Recovery of the intact part of a damaged storage file, into a new file that rosbags can read."""

import sqlite3
from contextlib import closing, suppress
from pathlib import Path

from weld_cell.bags.mcap_salvage import salvage_mcap
from weld_cell.wording import counted


def salvage(cut: Path, whole: Path) -> str:
    """Write what is whole of a cut .mcap or .db3 file into a new file.

    Returns:
        Where the damage is and what could be saved, in words; empty where no message of ROS 2 is lost.

    Raises:
        ValueError: not even its beginning is whole.
    """
    if cut.suffix != '.mcap':
        return _salvage_sqlite(cut, whole)
    saved = salvage_mcap(cut, whole)
    return '' if saved.whole else str(saved)


def _salvage_sqlite(cut: Path, whole: Path) -> str:
    """Copy every table row by row, as far as its pages go; says what could be saved."""
    with (
        closing(sqlite3.connect(f'{cut.resolve().as_uri()}?immutable=1', uri=True)) as source,
        closing(sqlite3.connect(whole)) as target,
    ):
        source.execute('PRAGMA writable_schema=ON')  # else SQLite refuses a file that is shorter than it says
        try:
            tables = source.execute("SELECT name, sql FROM sqlite_master WHERE type = 'table'").fetchall()
        except sqlite3.DatabaseError as error:
            raise ValueError(f'it does not begin as an SQLite file ({error})') from error
        for name, statement in tables:
            target.execute(statement)
            with suppress(sqlite3.DatabaseError):  # where the pages end
                for row in source.execute(f'SELECT * FROM "{name}" ORDER BY rowid'):
                    target.execute(f'INSERT INTO "{name}" VALUES ({",".join("?" * len(row))})', row)
        target.commit()
        count, last_ns = target.execute('SELECT count(*), max(timestamp) FROM messages').fetchone()
    last = f', the last one of {last_ns / 1e9:.3f} s' if count else ''
    return f'is cut: {counted(count, "message is", "messages are")} whole{last}'
