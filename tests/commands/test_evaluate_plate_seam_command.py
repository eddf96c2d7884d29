"""`weld_cell evaluate plate-seam`: what it prints, and what it needs."""

from weld_cell.cli import main
from weld_cell.commands.evaluate_plate_seam import table
from weld_cell.evaluation.plate_seam import KINDS


def test_figures_of_images_without_a_seam_are_printed_too():
    nothing = {'told': 0, 'of': 1, 'wrong': 0, 'refusals': {'no region': 1}}
    figures = {
        **dict.fromkeys(('map50', 'precision', 'recall'), 0.0),
        **dict.fromkeys(('mae_mm_straight', 'mae_mm_curved', 'max_mm_straight', 'max_mm_curved')),
        **dict.fromkeys(('parameters_m', 'gflops', 'file_mb'), 1.0),
        'true_seams': 1,
        'images': {'detection': 1},
        'glare': {'share_ok': 0.0, 'share_every_point_ok': 0.0, 'worst_mm': None, 'refused': 1},
        'paths': dict.fromkeys(KINDS, nothing),
        'ms_per_image': {'threads_1': 1.0, 'threads_2': 1.0, 'plain': 1.0},
        'ms_of_steps': {'reduce': 1.0},
    }
    assert table(figures).count('1 no region') == len(KINDS)


def test_torch_is_asked_for_before_images_are_made(monkeypatch, capsys):
    monkeypatch.setattr('weld_cell.training.packages.find_spec', lambda name: None)
    assert main(['evaluate', 'plate-seam']) == 1
    assert 'needs torch' in capsys.readouterr().err
