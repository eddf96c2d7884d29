"""Pictures of drawn parts, and templates cut from them."""

from drawn_parts import PX_PER_MM, SIZE_PX, draw_part

from weld_cell.part_library.photo import cut_out

MIDDLE = (728.0, 544.0)
BACKGROUND = 8


def drawn(part, angle_deg, centre_px, rng, background=BACKGROUND):
    return draw_part(part, angle_deg, centre_px, SIZE_PX, PX_PER_MM, background, rng)


def template_of(code, part, rng):
    return cut_out(drawn(part, 0.0, MIDDLE, rng)).part(code, 1.0 / PX_PER_MM).template
