"""How fast stages, replay and simulator are by themselves."""

from weld_cell.evaluation.figures import Figure, Measurement, Unit, at_least

RATE = Unit('images/s')
OFFLINE = 'From opening the bag to the seam path on one core, decoding included; the fastest of the rounds.'

STRIPE = Measurement(
    'stripe',
    'Stripe in one image',
    'python benchmarks/stripe.py',
    'One thread, every method on the same images.',
    tuple(
        Figure(
            f'{method}_{key}_ms',
            f'stripe in one image, {words}, {key}',
            'Wall clock from the pixels to the profile.',
            Unit('ms', 3),
            f'ms.1_thread.{method}.{key}',
        )
        for method, words in (
            ('ridge', 'ours'),
            ('paper', "the paper's chain"),
            ('paper_naive', "the paper's chain written plainly"),
        )
        for key in ('median', 'p99')
    ),
    section='figures/stripe.md.j2',
)

REPLAY = Measurement(
    'replay',
    'Offline replay',
    'python benchmarks/replay.py',
    'A simulated scan of each joint type at 40 Hz, as an MCAP bag with camera_info and the frames of a robot.',
    (
        Figure(
            'images_per_s',
            'offline replay on one core, decoding included',
            OFFLINE,
            RATE,
            'plain.images_per_s',
            at_least(800),
            in_readme=True,
        ),
        Figure(
            'compressed_images_per_s',
            'offline replay on one core, from compressed (zstd) chunks',
            OFFLINE,
            RATE,
            'compressed.images_per_s',
        ),
    ),
    section='figures/replay.md.j2',
)

SIM_RENDER = Measurement(
    'sim_render',
    'Simulated sensor',
    'python benchmarks/sim_render.py',
    'All joint types, straight and curved, on one thread.',
    tuple(
        Figure(
            name,
            f'simulated images on one core, {words}',
            'Images in a second of processor time.',
            Unit('images/s', 1),
            f'summary.{name}.images_per_second_cpu',
        )
        for name, words in (
            ('none', 'no effect'),
            ('nominal', 'the effects of a clean cell'),
            ('all_at_full', 'every effect at its full strength'),
        )
    ),
)
