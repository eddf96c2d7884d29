"""What can be saved of a storage file that is cut or damaged, as a killed recorder or a broken copy leaves it."""

import sqlite3
from contextlib import closing
from pathlib import Path

from pip_ros.bag.mcap_salvage import salvage_mcap


def salvage(source: Path, target: Path) -> str:
    """Copy what is whole in a damaged ``.mcap`` or ``.db3`` file into a readable one.

    Returns:
        What is damaged and what was saved, in words.

    Raises:
        ValueError: the source is no such file.
    """
    return str(salvage_mcap(source, target)) if source.suffix == '.mcap' else _salvage_sqlite(source, target)


def _salvage_sqlite(source: Path, target: Path) -> str:
    with closing(sqlite3.connect(f'file:{source}?immutable=1', uri=True)) as damaged, \
            closing(sqlite3.connect(target)) as whole:
        damaged.execute('PRAGMA writable_schema=ON')  # else SQLite refuses a file that is shorter than it says
        try:
            tables = damaged.execute("SELECT name, sql FROM sqlite_master WHERE type = 'table'").fetchall()
        except sqlite3.DatabaseError as error:
            raise ValueError(f'{source} is not an SQLite file: {error}') from error
        for name, statement in tables:
            whole.execute(statement)
            _copy_rows(damaged, whole, name)
        whole.commit()
        count, last_ns = whole.execute('SELECT count(*), max(timestamp) FROM messages').fetchone()
    last = f', the last one of {last_ns / 1e9:.3f} s' if count else ''
    return f'is cut: {count} messages are whole{last}'


def _copy_rows(damaged: sqlite3.Connection, whole: sqlite3.Connection, table: str) -> None:
    try:
        for row in damaged.execute(f'SELECT * FROM "{table}" ORDER BY rowid'):
            whole.execute(f'INSERT INTO "{table}" VALUES ({",".join("?" * len(row))})', row)
    except sqlite3.DatabaseError:
        return  # here the damage begins
