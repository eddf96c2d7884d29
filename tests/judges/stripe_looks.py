"""What the judge turns on its dials: sizes of each joint at random, and one look after the other."""

import zlib
from dataclasses import replace

import numpy as np
from stripe_joints import DRAW
from stripe_render import Dials, JudgeRig, render

TYPES = tuple(DRAW)


def _own(**limits):
    """A look that draws each dial between its limits."""
    return lambda _name, d, rng: replace(d, **{key: float(rng.uniform(*pair)) for key, pair in limits.items()})


def _bevels(_name, d, rng):
    return replace(d, bevels_deg=tuple(rng.uniform(10.0, 60.0, 2).tolist()), bevel_depth=float(rng.uniform(1, 2.5)))


def _even_bevels(_name, d, rng):
    angle = float(rng.uniform(10.0, 60.0))
    return replace(d, bevels_deg=(angle, angle), bevel_depth=float(rng.uniform(1, 2.5)))


def _short(_name, d, rng):
    return replace(d, lit=float(rng.uniform(0.55, 0.85)), noise=float(rng.uniform(2.0, 8.0)))


def _thick(name, d, rng):
    return replace(d, thickness=float(rng.uniform(5.0, 8.0)), lean_deg=0.0)


def _mismatch(name, d, rng):
    return replace(d, mismatch=float(rng.choice([-1, 1]) * rng.uniform(0.4, 1.2)))


def _optics(name, d, rng):
    return _sized(name, replace(d, rig=JudgeRig.at_random(rng), width_px=float(rng.uniform(3.0, 8.0))), rng)


def _colour(_name, d, _rng):
    return replace(d, channels=3)


def _turned(_name, d, rng):
    return replace(d, turn_deg=float(rng.choice([-1, 1]) * rng.uniform(10.0, 16.0)), tilt_deg=3.0)


def _bare(_name, d, _rng):
    return replace(d, backing=False)


LOOKS = {
    'plain': _own(),
    'short': _short,
    'noisy': _own(noise=(5.0, 10.0)),
    'thin': _own(width_px=(3.0, 4.0)),
    'wide': _own(width_px=(9.0, 12.0)),
    'ambient': _own(ambient=(20.0, 80.0), background=(0.0, 40.0)),
    'saturated': _own(exposure=(500.0, 1200.0), bloom=(0.03, 0.08)),
    'speckle': _own(speckle=(0.3, 0.6)),
    'mirror': _own(mirror=(0.1, 0.35), gloss=(0.1, 0.5)),
    'bare': _bare,
    'thick': _thick,
    'mismatch': _mismatch,
    'tilted': _own(tilt_deg=(8.0, 10.0)),
    'optics': _optics,
    'colour': _colour,
}
"""What every joint type is drawn in."""
KINDS = {
    **{(name, look): change for look, change in LOOKS.items() for name in TYPES},
    ('splice', 'bevels'): _bevels,
    ('splice', 'even_bevels'): _even_bevels,
    ('butt', 'wide_gap'): lambda _n, d, r: replace(d, gap=float(r.uniform(3.5, 8.0)), backing=bool(r.random() < 0.5)),
    ('lap', 'leaning'): _own(lean_deg=(0.0, 6.0), thickness=(2.0, 8.0)),
    ('lap', 'turned'): _turned,
    ('butt', 'turned'): _turned,
}
"""All pairs of a joint type and a look."""
TURNS = {'flat': 90.0, 'oblique': 45.0}
"""Looks for sensors mounted otherwise: judged with `stripe.direction` set."""


def drawn(name, look, seed):
    """One judged image of a joint type and a look."""
    rng = generator(name, look, seed)
    return render(name, dialled(name, look, rng), rng)


def generator(name, look, seed):
    """What an image's dials and its noise come from, in this order."""
    return np.random.default_rng([zlib.crc32(f'{name}/{look}'.encode()), seed])


def dialled(name, look, rng):
    """Dials of a joint type and a look."""
    dials = _sized(name, _plain(rng), rng)
    if look in TURNS:
        roll = TURNS[look] if look == 'flat' else float(rng.uniform(30.0, 60.0))
        return replace(dials, rig=replace(dials.rig, roll_deg=roll))
    return KINDS[name, look](name, dials, rng)


def _plain(rng):
    """Dials of a usual image."""
    u = rng.uniform
    return Dials(width_px=u(4, 8), noise=u(0, 4), background=u(0, 15), ambient=u(0, 15), speckle=u(0.05, 0.25),
                 exposure=u(150, 350), gloss=u(0, 0.2), mirror=u(0, 0.08), tilt_deg=u(0, 6))  # fmt: skip


def _sized(name, d, rng):
    """Sizes at random; a groove that the sensor's view holds."""
    u, view = rng.uniform, d.rig.pitch_mm * d.rig.size_px[1]
    deep = min(u(10.0, 20.0), 0.45 * view)
    return replace(
        d, thickness=u(2.5, 5.0), gap=u(0.5, 2.5), backing=bool(rng.random() < 0.5), lean_deg=0.0,
        bevels_deg=(45.0, 45.0), bevel_depth=u(0.8, 1.8), corner_deg=u(75, 110), groove_deg=u(45, 75),
        groove_depth=deep, root_gap=u(0, 2), root_face=u(0.5, 2), fill=u(0.3, 0.6), crown=u(-0.1, 0.1),
        lift=min(3.0, 0.02 * d.rig.distance_mm),
    )  # fmt: skip
