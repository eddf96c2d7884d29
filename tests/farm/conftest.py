"""One Dask cluster and a few recordings for all tests of the farm."""

import pytest
from farm_bags import content, record_darkness, record_scan, write_damaged

from weld_cell.cli import main
from weld_cell.farm.cluster import local_cluster


@pytest.fixture(scope='session')
def bags(tmp_path_factory):
    """lap and fillet, in which a seam is found, dark, which has no type, and broken.mcap."""
    folder = tmp_path_factory.mktemp('bags')
    record_scan(folder / 'lap', 'lap')
    record_scan(folder / 'fillet', 'fillet')
    record_darkness(folder / 'dark')
    return folder


@pytest.fixture(scope='session')
def broken(tmp_path_factory):
    file = tmp_path_factory.mktemp('broken') / 'broken.mcap'
    write_damaged(file)
    return file


@pytest.fixture(scope='session')
def single(bags, tmp_path_factory):
    """Result files of a single replay, by the bag's name."""
    folder = tmp_path_factory.mktemp('single')
    for bag in bags.iterdir():
        main(['replay', str(bag), '--out', str(folder / bag.name)])
    return {bag.name: content(folder / bag.name) for bag in bags.iterdir()}


@pytest.fixture(scope='session')
def cluster():
    with local_cluster(2) as running:
        running.wait_for_workers(2, timeout=300)
        yield running
