"""Mutations of ROS messages: a few fields of a good message get values that a field of that type may have, but that
no sender should send. Seeded by the generator that is passed in.
"""

import array
import copy
import string

import numpy as np

FLOATS = (float('nan'), float('inf'), -float('inf'), 0.0, -1.0, 1e-300, 1e9, -1e300)
WORDS = ('', '-', 'nan', '1e999', 'tool0', 'map', 'lap', 'steel', '/', '\u00e4\u2603', '-1', '0x1', '{', '<robot')
BITS = {'int8': 8, 'int16': 16, 'int32': 32, 'int64': 64}


def mutated(message, rng, most=3):
    """A copy with one to `most` fields changed."""
    changed = copy.deepcopy(message)
    for _ in range(rng.integers(1, most + 1)):
        _change_a_field(changed, rng)
    return changed


def _change_a_field(message, rng):
    types = message.get_fields_and_field_types()
    if not types:  # an empty request
        return
    name = list(types)[rng.integers(len(types))]
    setattr(message, name, _changed(types[name], getattr(message, name), rng))


def _changed(kind, value, rng):
    if kind.startswith('sequence<'):
        return _changed_row(kind.removeprefix('sequence<').removesuffix('>'), value, rng)
    if kind.endswith(']'):
        return _changed_array(kind.partition('[')[0], value, rng)
    return _changed_value(kind, value, rng)


def _changed_value(kind, value, rng):
    if kind in ('double', 'float'):
        wild = FLOATS[rng.integers(len(FLOATS))]
        return wild if kind == 'double' or abs(wild) < 1e30 or not np.isfinite(wild) else 1e30
    if kind == 'boolean':
        return not value
    if kind == 'octet':
        return bytes([rng.integers(256)])
    if kind.startswith('string'):
        return _text(value, rng)
    if kind.removeprefix('u') in BITS:
        return _whole(kind, value, rng)
    _change_a_field(value, rng)
    return value


def _whole(kind, value, rng):
    bits = BITS[kind.removeprefix('u')]
    low, high = (0, 2**bits - 1) if kind.startswith('u') else (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1)
    choices = (low, high, 0, 1, value + 1, value - 1, int(rng.integers(1000)))
    return int(np.clip(choices[rng.integers(len(choices))], low, high))


def _text(value, rng):
    if rng.random() < 0.5 or not value:
        return WORDS[rng.integers(len(WORDS))]
    at = int(rng.integers(len(value)))
    letter = string.printable[rng.integers(len(string.printable))]
    return (value[:at] + letter + value[at + 1 :], value[:at], value + value[at : at + 100])[rng.integers(3)]


def _changed_row(kind, row, rng):
    if kind == 'uint8':
        data = bytes(row)
        at = int(rng.integers(len(data) + 1))
        noise = rng.integers(0, 256, 64, dtype=np.uint8).tobytes()
        return array.array('B', (b'', data[:at], data + noise, data[:at] + noise + data[at + 64 :])[rng.integers(4)])
    items = list(row)
    if not items or rng.random() < 0.3:
        at = int(rng.integers(len(items) + 1))
        return ([], items[:at], items + items[:at], items[::-1])[rng.integers(4)]
    at = int(rng.integers(len(items)))
    items[at] = _changed_value(kind, items[at], rng)
    return items


def _changed_array(kind, row, rng):
    values = np.array(row)
    if rng.random() < 0.3:
        values[:] = 0
    else:
        values[rng.integers(len(values))] = _changed_value(kind, values[0].item(), rng)
    return values
