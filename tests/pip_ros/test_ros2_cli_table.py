"""`ros2` answers the command lines of the real tools' own tests as those tests expect."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from one_node import commands_on_one_node
from pip_ros.graph.discovery import node_names, spin_until
from ros2_cli_table import ANSWERED, GRAPH, MISSING, TOPICS
from ros2_commands import ENVIRONMENT
from rosbags.rosbag2 import StoragePlugin, Writer
from rosbags.typesys import Stores, get_typestore

pytestmark = pytest.mark.graph

DISCOVERY_S = 30.0


@pytest.fixture(scope='module')
def run():
    with pytest.MonkeyPatch.context() as patch:
        for name in ('ROS_DOMAIN_ID', 'ROS_AUTOMATIC_DISCOVERY_RANGE'):
            patch.setenv(name, ENVIRONMENT[name])
        process = subprocess.Popen([sys.executable, '-c', GRAPH], env=ENVIRONMENT, stdout=subprocess.PIPE, text=True)
        try:
            assert process.stdout.readline() == 'ready\n'
            with commands_on_one_node(patch) as run_:
                assert spin_until(run_.node, lambda: _all_there(run_.node), DISCOVERY_S)
                yield run_
        finally:
            process.kill()
            process.communicate()


def _all_there(node):
    services, names = dict(node.get_service_names_and_types()), node_names(node, with_hidden=True)
    publishers = [*(topic for topic in TOPICS if topic != '/heard'), '/_secret', '/ns/watched/_service_event']
    return (
        {'/station', '/ns/desk', '/foo/values', '/machine', '/_machine'} <= set(names)
        and names.count('/twin') == 2
        and {'/machine/get_state', '/_machine/get_state', '/fibonacci/_action/send_goal'} <= services.keys()
        and {'/foo/values/set_parameters', '/ns/echo', '/ns/_echo', '/ns/watched'} <= services.keys()
        and '/machine/transition_event' in dict(node.get_topic_names_and_types())
        and all(node.count_publishers(topic) for topic in publishers)
        and node.count_subscribers('/heard')
        and node.count_clients('/ns/watched')
    )


@pytest.fixture(scope='module')
def places(tmp_path_factory):
    """A folder with the files that the table names, and a bag of two topics."""
    folder = tmp_path_factory.mktemp('cli')
    (folder / 'values.yaml').write_text('/foo/values: {ros__parameters: {text: bye}}')
    (folder / 'any.yaml').write_text('/**: {ros__parameters: {text: wild}}')
    (folder / 'half.yaml').write_text('/a: {depth: 1, deadline: {sec: 2}}')
    types = get_typestore(Stores.ROS2_JAZZY)
    with Writer(folder / 'bag', version=9, storage_plugin=StoragePlugin.SQLITE3) as writer:
        for topic in ('/a', '/b'):
            connection = writer.add_connection(topic, 'std_msgs/msg/String', typestore=types)
            for number in range(3):
                text = types.types['std_msgs/msg/String'](data=str(number))
                writer.write(connection, 10**18 + number, types.serialize_cdr(text, 'std_msgs/msg/String'))
    return {'tmp': str(folder), 'bag': str(folder / 'bag')}


def _seen(row, text):
    """Whether all lines of the row stand in the text, in this order."""
    lines = iter(text.splitlines())
    return all(any(re.fullmatch(wanted, line) for line in lines) for wanted in row.lines)


def _words(row, places):
    """Blanks part words; no word of the table has one."""
    return [word.replace('{tmp}', places['tmp']).replace('{bag}', places['bag']) for word in row.line.split()]


@pytest.mark.parametrize('row', ANSWERED, ids=lambda row: row.line)
def test_a_command_line_is_answered_as_the_real_tools_do(run, places, row):
    words = _yaml(_words(row, places))
    done = run(words, lambda text: row.endless and _seen(row, text), row.stdin)
    assert _seen(row, done.stdout), done
    assert done.returncode == row.code, done
    assert re.search(row.error, done.stderr) if row.error else not done.stderr, done
    assert 'Traceback' not in done.stderr
    if row.exact:
        assert _how_many(done.stdout.splitlines()) == _how_many(row.lines), done


def _how_many(lines):
    """Without those that come only where something is not there yet."""
    return sum(not line.lower().startswith('waiting for') for line in lines)


def _yaml(words):
    """YAML wants a blank behind a colon."""
    return [re.sub(r':(?=[^ =])', ': ', word) if word.startswith('{') else word for word in words]


@pytest.mark.parametrize('row', MISSING, ids=lambda row: row.line)
def test_what_is_missing_is_named(run, places, row):
    done = run(_words(row, places))
    assert done.returncode == row.code != 0
    assert row.named in done.stderr
    assert 'Traceback' not in done.stderr


DOCS = (Path(__file__).parents[2] / 'docs' / 'ros2_without_apt.md').read_text()
ANSWERED_IN_DOCS = dict(re.findall(r'^\| `ros2 ([a-z_ ]+)` \| ?(.*?) ?\|$', DOCS, re.MULTILINE))


def test_the_docs_have_what_is_answered():
    for words in (row.line.split() for row in ANSWERED if row.lines):
        if len(words) > 1 and not words[1].startswith('-'):  # else the help of a command
            told = ANSWERED_IN_DOCS['daemon status' if words[0] == 'daemon' else ' '.join(words[:2])]
            options = {word for word in words if re.match('--?[a-z]', word)} - {'--help'}
            assert options <= set(re.findall(r'--?[\w-]+', told)), words


def test_the_docs_have_what_is_missing():
    missing = DOCS.split('## Not supported')[1]
    for row in MISSING:
        assert f'`{row.named.split(" is not supported")[0]}`' in missing or row.line == 'daemon start', row
