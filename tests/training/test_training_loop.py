"""The loop: the network learns; neither an interruption nor workers change a bit of the weights."""

import os
import signal
import sys
from dataclasses import replace

import numpy as np
import pytest

from weld_cell.errors import TrainingError
from weld_cell.training.progress import Progress, read_log
from weld_cell.training.settings import TrainingSettings

SETTINGS = TrainingSettings(epochs=6, batch=8, rate=0.02, seed=3, checkpoint_minutes=1440.0, device='cpu')
KINDS = {
    'one_cycle': SETTINGS,
    'cosine, clipped': replace(SETTINGS, schedule='cosine', clip_norm=0.5),
    'constant, averaged': replace(SETTINGS, schedule='constant', averaging=0.9),
    'patient': replace(SETTINGS, patience=5),
}


@pytest.fixture
def small(monkeypatch):
    """The module small_task, its samples and its training."""
    pytest.importorskip('torch')
    import small_task

    return small_task


@pytest.fixture
def train(small):
    from weld_cell.training.loop import train

    return train


def stopped_after(small, batches):
    """The task, during which Ctrl-C is pressed in the batch of this number."""
    seen = []

    def loss(net, batch):
        seen.append(1)
        if len(seen) == batches:
            os.kill(os.getpid(), signal.SIGINT)
        return small.loss(net, batch)

    return replace(small.TASK, loss=loss)


def same_weights(one, other):
    return all(
        np.array_equal(a.numpy(), b.numpy())
        for a, b in zip(one.state_dict().values(), other.state_dict().values(), strict=True)
    )


def test_fewer_samples_than_a_batch_are_refused(small, train, tmp_path):
    from weld_cell.training.samples import RenderedSamples

    with pytest.raises(ValueError, match='expected 8 samples .* got 0'):
        train(small.TASK, RenderedSamples(0, small.cloud), SETTINGS, tmp_path)


def test_there_must_be_something_to_go_on_from(small, train, tmp_path):
    with pytest.raises(TrainingError, match='no checkpoint to continue from.*Remedy: Begin anew'):
        train(small.TASK, small.SAMPLES, SETTINGS, tmp_path, resume=True)


def test_clouds_are_learnt_and_each_epoch_is_logged(small, train, tmp_path):
    trained = train(small.TASK, small.SAMPLES, SETTINGS, tmp_path)
    assert trained.score > 0.9 and trained.epochs == 6
    assert not trained.network.training
    log = read_log(tmp_path / 'log.jsonl')
    assert [line['epoch'] for line in log] == list(range(6))
    assert log[-1]['score'] == trained.score
    assert log[0]['loss']['cross_entropy'] > log[-1]['loss']['cross_entropy']
    assert set(log[0]['loss']) == {'cross_entropy', 'shrink'}


@pytest.mark.parametrize('settings', KINDS.values(), ids=KINDS)
@pytest.mark.parametrize('batches', [1, 6, 15, 36])
def test_an_interrupted_training_gives_the_same_weights_bit_by_bit(small, train, tmp_path, settings, batches):
    from weld_cell.training.loop import TrainingInterrupted

    whole = train(small.TASK, small.SAMPLES, settings, tmp_path / 'whole')
    if batches < 36:
        with pytest.raises(TrainingInterrupted, match='epoch'):
            train(stopped_after(small, batches), small.SAMPLES, settings, tmp_path / 'parts')
    else:  # Ctrl-C in the very last batch: the training is done
        train(stopped_after(small, batches), small.SAMPLES, settings, tmp_path / 'parts')
    resumed = train(small.TASK, small.SAMPLES, settings, tmp_path / 'parts', resume=True)
    assert same_weights(whole.network, resumed.network)
    assert (resumed.score, resumed.epochs) == (whole.score, whole.epochs)
    logs = [read_log(tmp_path / name / 'log.jsonl') for name in ('whole', 'parts')]
    assert logs[0] == logs[1]


def test_the_number_of_workers_changes_nothing(small, train, tmp_path):
    alone, helped = (train(small.TASK, small.SAMPLES, SETTINGS, tmp_path, workers=n) for n in (0, 2))
    assert same_weights(alone.network, helped.network)


def test_another_seed_gives_other_weights(small, train, tmp_path):
    one, other = (train(small.TASK, small.SAMPLES, replace(SETTINGS, seed=n), tmp_path) for n in (3, 4))
    assert not same_weights(one.network, other.network)


def test_the_callers_random_numbers_are_left_alone(small, train, tmp_path):
    import torch

    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    train(small.TASK, small.SAMPLES, replace(SETTINGS, epochs=1), tmp_path)
    assert torch.equal(torch.rand(3), expected)


@pytest.mark.parametrize(
    ('changes', 'message'),
    [
        ({'epochs': 7}, 'epochs was 6, now 7'),
        ({'rate': 0.01}, 'rate was 0.02, now 0.01'),
        ({'seed': 4}, 'seed was 3'),
    ],
)
def test_another_training_does_not_go_on_from_the_checkpoint(small, train, tmp_path, changes, message):
    train(small.TASK, small.SAMPLES, SETTINGS, tmp_path)
    with pytest.raises(TrainingError, match=message):
        train(small.TASK, small.SAMPLES, replace(SETTINGS, **changes), tmp_path, resume=True)


def test_the_time_between_checkpoints_may_change(small, train, tmp_path):
    train(small.TASK, small.SAMPLES, SETTINGS, tmp_path)
    assert train(small.TASK, small.SAMPLES, replace(SETTINGS, checkpoint_minutes=1.0), tmp_path, resume=True)


@pytest.mark.parametrize('content', [b'', b'cut', b'PK\x03\x04'])
def test_a_damaged_checkpoint_is_named(small, train, tmp_path, content):
    (tmp_path / 'checkpoint.pt').write_bytes(content)
    with pytest.raises(TrainingError, match='not a checkpoint'):
        train(small.TASK, small.SAMPLES, SETTINGS, tmp_path, resume=True)


def test_a_checkpoint_with_code_in_it_is_not_run(small, train, tmp_path):
    import torch

    class Evil:
        def __reduce__(self):
            return (os.mkdir, (str(tmp_path / 'it_ran'),))

    torch.save({'version': 1, 'identity': {}, 'state': Evil()}, tmp_path / 'checkpoint.pt')
    with pytest.raises(TrainingError, match='not a checkpoint'):
        train(small.TASK, small.SAMPLES, SETTINGS, tmp_path, resume=True)
    assert not (tmp_path / 'it_ran').exists()


def test_checkpoints_are_written_by_the_clock(small, train, tmp_path, monkeypatch):
    from weld_cell.training import loop

    times = iter(range(0, 10_000, 50))
    saved = []
    monkeypatch.setattr(loop, 'save_checkpoint', lambda path, identity, state: saved.append(state['counts']))
    settings = replace(SETTINGS, epochs=2, checkpoint_minutes=5.0)
    train(small.TASK, small.SAMPLES, settings, tmp_path, clock=lambda: float(next(times)))
    assert len(saved) >= 2
    assert (saved[-1]['epoch'], saved[-1]['batch']) == (2, 0)


def test_patience_ends_a_training_and_keeps_the_best(small, train, tmp_path):
    scores, weights = iter([0.5, 0.9, 0.7, 0.8, 0.1]), []

    def score(net):
        weights.append({name: tensor.clone() for name, tensor in net.state_dict().items()})
        return next(scores)

    settings = replace(SETTINGS, patience=2)
    trained = train(replace(small.TASK, score=score), small.SAMPLES, settings, tmp_path)
    assert trained.epochs == 4
    kept = trained.network.state_dict()
    assert all(np.array_equal(kept[name].numpy(), weights[1][name].numpy()) for name in kept)
    assert not all(np.array_equal(kept[name].numpy(), weights[3][name].numpy()) for name in kept)


@pytest.mark.parametrize(('what', 'message'), [('loss', 'The loss is nan in batch 1'), ('score', 'The score is nan')])
def test_what_is_not_finite_ends_the_training(small, train, tmp_path, what, message):
    spoilt = {
        'loss': lambda net, batch: {'all': float('nan') * net(batch['x']).sum()},
        'score': lambda net: float('nan'),
    }
    with pytest.raises(TrainingError, match=message):
        train(replace(small.TASK, **{what: spoilt[what]}), small.SAMPLES, SETTINGS, tmp_path)


def test_ctrl_c_is_the_callers_again_afterwards(small, train, tmp_path):
    before = signal.getsignal(signal.SIGINT)
    train(small.TASK, small.SAMPLES, replace(SETTINGS, epochs=1), tmp_path)
    assert signal.getsignal(signal.SIGINT) is before


def test_a_log_line_that_was_cut_is_left_out(tmp_path):
    log = tmp_path / 'log.jsonl'
    log.write_text('{"epoch": 0, "score": 0.5}\n{"epoch": 1, "sco')
    Progress(log, batches=10, done=5, epoch=1).close()
    assert read_log(log) == [{'epoch': 0, 'score': 0.5}]


def test_what_needs_no_torch_imports_none():
    import subprocess

    modules = ('cache', 'packages', 'progress', 'samples', 'settings', 'split')
    code = 'import sys; sys.modules["torch"] = None\n' + '\n'.join(f'import weld_cell.training.{m}' for m in modules)
    subprocess.run([sys.executable, '-c', code], check=True)


def test_the_average_of_the_weights_soon_forgets_the_first_ones():
    """A variance that begins at 1 and is a thousandth: a plain average of share 0.998 would be 0.37 after this."""
    torch = pytest.importorskip('torch')
    from weld_cell.training.state import moving_average

    network = torch.nn.BatchNorm1d(1)
    average = moving_average(network, 0.998)
    network.running_var.fill_(1e-3)
    for _ in range(500):
        average.update_parameters(network)
    assert average.module.running_var.item() == pytest.approx(1e-3, rel=0.05)
    assert average.module.num_batches_tracked == network.num_batches_tracked
