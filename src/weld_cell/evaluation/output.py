"""What every evaluation writes: its JSON with the declared figures, and its page."""

import argparse
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from weld_cell.evaluation.figures import MeasuredFigure, Measurement, measured, measurement_of
from weld_cell.evaluation.measurements import MEASUREMENTS
from weld_cell.option_types import file_to_write, folder_to_write
from weld_cell.report.page import write_page


def add_output_arguments(parser: argparse.ArgumentParser) -> None:
    """--json and --report."""
    parser.add_argument('--json', type=file_to_write, metavar='FILE', help='write the figures to this file')
    parser.add_argument('--report', type=folder_to_write, metavar='FOLDER', help='write a page into this folder')


@dataclass(frozen=True, eq=False)
class EvaluationOutput:
    """The results of one evaluation with the figures that are declared of its command.

    Attributes:
        measurement: What was measured.
        figures: With their values.
        content: All results, ready for JSON, the published values among them.
    """

    measurement: Measurement
    figures: tuple[MeasuredFigure, ...]
    content: dict[str, Any]

    @classmethod
    def of(cls, command: str, content: dict[str, Any]) -> 'EvaluationOutput':
        """Find the declared figures of a command line in its results.

        Raises:
            ValueError: no measurement is declared of the command.
        """
        measurement = measurement_of(command, MEASUREMENTS)
        content = {**content, 'paper': measurement.paper()}
        return cls(measurement, measured(measurement, content), content)

    def write(self, arguments: argparse.Namespace, template: str = 'evaluation.html.j2', **values: Any) -> None:
        """Write what `add_output_arguments` was asked for; template and values as of `write_page`."""
        if arguments.report:
            self.write_page(arguments.report, template, **values)
        if arguments.json:
            self.write_json(arguments.json)

    def write_json(self, file: Path) -> None:
        """Write the results, and the figures under the key of that name."""
        figures = [figure.as_dict() for figure in self.figures]
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps({**self.content, 'figures': figures}, indent=1) + '\n', encoding='utf-8')

    def write_page(self, folder: Path, template: str = 'evaluation.html.j2', **values: Any) -> None:
        """Write index.html: the figures with aim and verdict, and what the evaluation's own template adds.

        Args:
            folder: Made if it is missing.
            template: Extends evaluation.html.j2.
            values: What it needs beside measurement, figures and content.
        """
        title = f'{self.measurement.heading}: evaluation'
        write_page(folder, template, title=title, **vars(self), **values)
