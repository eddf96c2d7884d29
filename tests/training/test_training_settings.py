"""Training settings on the command line: ranges in the help, the same command again."""

import argparse
import re

import pytest

from weld_cell.training.settings import (
    TrainingSettings,
    add_settings_arguments,
    command_words,
    settings_from_arguments,
)

DEFAULTS = TrainingSettings(epochs=14, batch=128)


@pytest.fixture
def parser():
    parser = argparse.ArgumentParser()
    add_settings_arguments(parser, DEFAULTS, {'epochs': '--rounds'})
    return parser


def test_without_words_the_defaults_stand(parser):
    assert settings_from_arguments(parser.parse_args([]), DEFAULTS) == DEFAULTS
    assert command_words(DEFAULTS, DEFAULTS) == []


def test_the_help_tells_range_unit_and_default(parser):
    text = ' '.join(parser.format_help().split())
    assert '--epochs EPOCHS, --rounds EPOCHS how often each sample is shown (1 to 100000; default: 14)' in text
    assert '--checkpoint-minutes MIN' in text and '(0.0 to 1440.0; default: 5.0)' in text
    assert '--schedule {one_cycle,cosine,constant}' in text


def test_the_words_ask_for_the_same_again(parser):
    given = ['--rounds', '3', '--rate', '0.01', '--schedule', 'cosine']
    settings = settings_from_arguments(parser.parse_args(given), DEFAULTS)
    assert (settings.epochs, settings.rate, settings.schedule) == (3, 0.01, 'cosine')
    words = command_words(settings, DEFAULTS)
    assert settings_from_arguments(parser.parse_args(words), DEFAULTS) == settings


@pytest.mark.parametrize('words', [['--epochs', '0'], ['--rate', '-1'], ['--seed', '-1'], ['--averaging', '1']])
def test_a_value_out_of_range_is_named(parser, words, capsys):
    with pytest.raises(SystemExit, match='2'):
        parser.parse_args(words)
    assert re.search(f'argument {words[0]}.*: expected', capsys.readouterr().err)
