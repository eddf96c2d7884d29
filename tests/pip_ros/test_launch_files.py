"""Launch files in, plans out: a table of XML cases. Each row was checked against the real launch of Jazzy."""

import shutil
from argparse import Namespace
from pathlib import Path

import pytest
import yaml
from pip_ros.distribution import ros_distribution
from pip_ros.errors import LaunchError, Ros2Error, UnsupportedError
from pip_ros.launch.command import main as launch_main
from pip_ros.launch.files import evaluate

ENVIRONMENT = {'HOME': '/home/welder'}

# What stands inside <launch>, the launch arguments, the words of the commands that it starts.
COMMANDS = [
    ('', {}, []),
    ('<executable cmd="echo hello"/>', {}, ['echo hello']),
    ('<executable cmd="echo \'two words\' three"/>', {}, ['echo|two words|three']),
    ('<executable cmd="echo $(var a)/$(var b) $(var a)"/>', {'a': 'x y', 'b': 'z'}, ['echo|x y/z|x y']),
    ('<executable cmd="echo $(var no default)"/>', {}, ['echo default']),
    ('<executable cmd="echo $(var no \'a $(env HOME) b\')"/>', {}, ['echo|a /home/welder b']),
    (r'<executable cmd="echo $(var no \(x\))"/>', {}, ['echo (x)']),
    ('<executable cmd="echo $(env HOME) $(env NOT none)"/>', {}, ['echo /home/welder none']),
    ('<arg name="a" default="1"/><executable cmd="echo $(var a)"/>', {}, ['echo 1']),
    ('<arg name="a" default="1"/><executable cmd="echo $(var a)"/>', {'a': '2'}, ['echo 2']),
    (
        '<arg name="a" default="1"/><arg name="b" default="$(var a)$(var a)"/><executable cmd="echo $(var b)"/>',
        {},
        ['echo 11'],
    ),
    (
        '<arg name="a" default="sim"><choice value="sim"/><choice value="real"/></arg><executable cmd="$(var a)"/>',
        {'a': 'real'},
        ['real'],
    ),
    ('<let name="a" value="1"/><executable cmd="echo $(var a)"/>', {'a': '2'}, ['echo 1']),
    (
        '<executable cmd="a" if="true"/><executable cmd="b" if="0"/><executable cmd="c" unless="False"/>',
        {},
        ['a', 'c'],
    ),
    ('<let name="a" value="2" if="$(var on)"/><executable cmd="$(var a)"/>', {'a': '1', 'on': ' TRUE '}, ['2']),
    ('<executable cmd="a" if="$(not $(var on))"/>', {'on': 'false'}, ['a']),
    ('<executable cmd="a" if="$(and $(var on) $(equals $(var source) sim))"/>', {'on': '1', 'source': 'sim'}, ['a']),
    ('<executable cmd="a" if="$(or false $(not-equals 1.0 1))"/>', {}, []),
    ('<executable cmd="echo $(equals true 1) $(equals 0.1 1e-1) $(equals a A)"/>', {}, ['echo true true false']),
    ('<group><let name="a" value="1"/></group><executable cmd="echo $(var a 0)"/>', {}, ['echo 0']),
    ('<group scoped="false"><let name="a" value="1"/></group><executable cmd="echo $(var a 0)"/>', {}, ['echo 1']),
    ('<group if="false"><executable cmd="a"/></group><group unless="false"><executable cmd="b"/></group>', {}, ['b']),
    ('<set_env name="A" value="1"/><executable cmd="echo $(env A)"/>', {}, ['echo 1']),
    ('<group><set_env name="A" value="1"/></group><executable cmd="echo $(env A 0)"/>', {}, ['echo 0']),
    ('<unset_env name="HOME"/><executable cmd="echo $(env HOME none)"/>', {}, ['echo none']),
    ('<executable cmd="a" launch-prefix="nice -n 5"/>', {}, ['nice -n 5 a']),
    ('<executable cmd="a"/>', {'launch-prefix': 'time'}, ['time a']),
    ('<node exec="/bin/echo"/>', {}, ['/bin/echo --ros-args']),
    ('<node exec="e" name="n"/>', {}, ['e --ros-args -r __node:=n']),
    ('<node exec="e" name="n" namespace="cell"/>', {}, ['e --ros-args -r __node:=n -r __ns:=/cell']),
    (
        '<node exec="e" args="-v $(var a)" ros_args="--log-level debug"/>',
        {'a': '1'},
        ['e -v 1 --ros-args --log-level debug --ros-args'],
    ),
    (
        '<node exec="e"><remap from="image" to="$(var to)"/><remap from="a" to="/b"/></node>',
        {'to': 'laser/image_raw'},
        ['e --ros-args -r image:=laser/image_raw -r a:=/b'],
    ),
    ('<push_ros_namespace namespace="/"/><node exec="e"/>', {}, ['e --ros-args -r __ns:=/']),
    (
        '<push-ros-namespace namespace="a"/><push_ros_namespace namespace="b"/><node exec="e" namespace="c"/>',
        {},
        ['e --ros-args -r __ns:=/a/b/c'],
    ),
    ('<push_ros_namespace namespace="a"/><node exec="e" namespace="/c"/>', {}, ['e --ros-args -r __ns:=/c']),
    ('<group><push_ros_namespace namespace="a"/></group><node exec="e"/>', {}, ['e --ros-args']),
]

# The <param> elements of a node, and the parameters that it gets.
PARAMETERS = [
    ('<param name="a" value=""/>', {'a': ''}),
    ('<param name="a" value="1"/>', {'a': 1}),
    ('<param name="a" value="1.0"/>', {'a': 1.0}),
    ('<param name="a" value="true"/>', {'a': True}),
    ('<param name="a" value="sim"/>', {'a': 'sim'}),
    ('<param name="a" value="\'1\'"/>', {'a': '1'}),
    ('<param name="a" value="[1, 2]"/>', {'a': [1, 2]}),
    ('<param name="a" value="[0.5, 1.5]"/>', {'a': [0.5, 1.5]}),
    ('<param name="a" value="1;2" value-sep=";"/>', {'a': [1, 2]}),
    ('<param name="a" value="$(var n)"/>', {'a': 7}),
    ('<param name="a" value="$(var n).5"/>', {'a': 7.5}),
    ('<param name="a" value="\'$(var n)\'"/>', {'a': 7}),
    ('<param name="a" value="[$(var n), 8]"/>', {'a': [7, 8]}),
    ('<param name="$(var word)" value="x"/>', {'seam': 'x'}),
    ('<param name="a" value="1" type="str"/>', {'a': '1'}),
    ('<param name="a" value="$(var n)" type="str"/>', {'a': '7'}),
    ('<param name="a" value="1" type="float"/>', {'a': 1.0}),
    ('<param name="a" value="$(var n)" type="float"/>', {'a': 7.0}),
    ('<param name="a" value="yes" type="bool"/>', {'a': True}),
    ('<param name="a" value="[a, b]" type="list_of_str"/>', {'a': ['a', 'b']}),
    (
        '<param name="a"><param name="b" value="1"/><param name="c"><param name="d" value="2"/></param></param>',
        {'a.b': 1, 'a.c.d': 2},
    ),
]

# What stands in the launch file, part of the message; the error is LaunchError unless told.
ERRORS = [
    ('<executable/>', "2: <executable>: attribute 'cmd' is missing"),
    ('<executable cmd="a" colour="red"/>', 'unexpected colour'),
    ('<executable cmd="a"><param name="a" value="1"/></executable>', 'unexpected <param>'),
    ('<executable cmd="a" if="true" unless="false"/>', 'exclude each other'),
    (
        '<executable cmd="a" if="maybe"/>',
        "2: <executable>: condition: expected one of true, 1, false, 0, got 'maybe'",
    ),
    ('<executable cmd="$(var a)"/>', "launch configuration 'a' does not exist"),
    ('<executable cmd="$(env NOT)"/>', "environment variable 'NOT' does not exist"),
    ('<executable cmd="$(optenv HOME)"/>', "unknown substitution 'optenv'"),
    ('<executable cmd="$(var)"/>', 'takes 1 to 2 arguments, got 0'),
    ('<executable cmd="$(var a"/>', '")" is missing'),
    ('<executable cmd="a" if="false" unless-not="1"/>', 'unexpected unless-not'),
    ('<group if="false"><executable cmd="$(nonsense)"/></group>', "unknown substitution 'nonsense'"),
    ('<executable cmd="a" output="telex"/>', "output is one of screen, log, both, got 'telex'"),
    ('<executable cmd="a" respawn="often"/>', 'respawn'),
    ('<executable cmd="a" respawn_delay="-1"/>', 'must not be negative'),
    ('<executable cmd="a" respawn_delay="$(var d)"/>', 'takes a number and no substitutions'),
    ('<executable cmd="a" on_exit="respawn"/>', "on_exit can only be 'shutdown'"),
    ('<arg name="a"/>', "missing required argument 'a'"),
    ('<arg name="a" default="x"><choice value="sim"/></arg>', "'x' is not valid"),
    ('<arg name="a" value="1"/>', 'unexpected value'),
    ('<let name="a"/>', "attribute 'value' is missing"),
    ('<group scoped="$(var a)"/>', "'scoped' takes true or false"),
    ('<remap from="a" to="b"/>', 'unknown entity'),
    ('<node exec="e" name="a-b"/>', "'a-b' is not a valid node name"),
    ('<node exec="e" namespace="2cell"/>', "'/2cell' is not a valid namespace"),
    ('<node pkg="no_such_package" exec="e"/>', "package 'no_such_package' not found"),
    ('<node exec="e"><param name="a"/></node>', "either the attribute 'value' or nested <param>"),
    ('<node exec="e"><param name="a" value="1" if="true"/></node>', 'unexpected if'),
    ('<node exec="e"><param name="a" value="1" from="b"/></node>', "one of the attributes 'name' and 'from'"),
    ('<node exec="e"><param name="a" value="x" type="int"/></node>', 'not of type int'),
    ('<node exec="e"><param name="a" value="{b: 1}"/></node>', 'neither text, truth value or number'),
    ('<node exec="e"><param name="a" value="[1, x]"/></node>', 'not of type yaml'),
    ('<node exec="e"><param name="a" value="1" type="number"/></node>', "type 'number' is unknown"),
    ('<node exec="e" rspawn="true"><param name="a" value="1"/></node>', 'unexpected rspawn'),
    ('<include file="no_such.launch.xml"/>', 'no_such.launch.xml: cannot be read'),
    ('<include/>', "attribute 'file' is missing"),
]

UNSUPPORTED = [
    '<timer period="1"/>',
    '<set_parameter name="a" value="1"/>',
    '<executable cmd="$(eval 1+1)"/>',
    '<executable cmd="a" shell="true"/>',
    '<executable cmd="a" output="own_log"/>',
    '<group forwarding="false"/>',
    '<include file="other.launch.py"/>',
]


def plan(tmp_path: Path, body: str, arguments: dict[str, str] | None = None, **files: str):
    """Evaluate a launch file with this body; ``files`` lie beside it."""
    (tmp_path / 'scratch').mkdir()
    for name, inside in files.items():
        (tmp_path / f'{name}.launch.xml').write_text(f'<launch>{inside}</launch>')
    path = tmp_path / 'test.launch.xml'
    path.write_text(f'<launch>\n{body}</launch>')
    return evaluate(path, arguments or {}, ENVIRONMENT, tmp_path / 'scratch')


@pytest.mark.parametrize(('body', 'arguments', 'expected'), COMMANDS)
def test_commands(tmp_path, body, arguments, expected):
    commands = [list(process.command) for process in plan(tmp_path, body, arguments).processes]
    assert commands == [text.split('|' if '|' in text else ' ') for text in expected]


@pytest.mark.parametrize(('body', 'expected'), PARAMETERS)
def test_parameters(tmp_path, body, expected):
    node = f'<node exec="e" name="n" namespace="cell">{body}</node>'
    (process,) = plan(tmp_path, node, {'n': '7', 'word': 'seam'}).processes
    assert process.command.count('--params-file') == 1
    content = yaml.safe_load(Path(process.command[-1]).read_text())
    assert content == {'/cell/n': {'ros__parameters': expected}}
    values = content['/cell/n']['ros__parameters']
    assert [type(v) for v in values.values()] == [type(v) for v in expected.values()]


@pytest.mark.parametrize(('body', 'message'), ERRORS)
def test_errors_name_the_place(tmp_path, body, message):
    with pytest.raises(Ros2Error) as caught:
        plan(tmp_path, body)
    assert message in str(caught.value)
    assert '.launch.xml' in str(caught.value)


@pytest.mark.parametrize('body', UNSUPPORTED)
def test_what_is_not_supported_names_the_real_tool(tmp_path, body):
    with pytest.raises(UnsupportedError, match=f'apt install ros-{ros_distribution()}'):
        plan(tmp_path, body)


@pytest.mark.parametrize(
    ('text', 'message'),
    [
        ('', 'malformed XML'),
        ('<launch>', 'malformed XML'),
        ('<launch></lunch>', ':1: malformed XML'),
        ('<node exec="e"/>', "expected 'launch' as root tag"),
        ('\x00', 'malformed XML'),
    ],
)
def test_a_file_that_is_no_launch_file(tmp_path, text, message):
    path = tmp_path / 'broken.launch.xml'
    path.write_text(text)
    with pytest.raises(LaunchError, match=message):
        evaluate(path, {}, {}, tmp_path)


def test_quotes_around_a_substitution_are_refused(tmp_path):
    """As in the real launch: quotes must pair up within one piece of literal text."""
    with pytest.raises(LaunchError, match='No closing quotation'):
        plan(tmp_path, '<executable cmd="echo &quot;$(var a)&quot;"/>', {'a': '1'})


def test_parameter_files(tmp_path):
    own = tmp_path / 'own.yaml'
    own.write_text('/**: {ros__parameters: {folder: $(var folder)}}')
    scope = plan(
        tmp_path,
        f'<node exec="e"><param from="{own}"/><param from="{own}" allow_substs="true"/>'
        '<param from="/no/such.yaml"/><param name="a" value="1"/></node>',
        {'folder': '/data'},
    )
    plain, substituted, inline = scope.processes[0].command[3::2]
    assert plain == str(own)
    assert yaml.safe_load(Path(substituted).read_text()) == {'/**': {'ros__parameters': {'folder': '/data'}}}
    assert yaml.safe_load(Path(inline).read_text()) == {'/**': {'ros__parameters': {'a': 1}}}
    assert scope.warnings == ['Parameter file path is not a file: /no/such.yaml']


@pytest.mark.parametrize('tag', ['arg', 'let'])
def test_include_passes_arguments_and_is_no_scope(tmp_path, tag):
    body = (
        f'<include file="$(dirname)/inner.launch.xml"><{tag} name="a" value="1"/></include>'
        '<executable cmd="$(var b)"/>'
    )
    scope = plan(tmp_path, body, inner='<arg name="a"/><let name="b" value="$(var a)2"/>')
    assert scope.processes[0].command == ('12',)


def test_include_wants_required_arguments_to_be_passed_on(tmp_path):
    """As in the real launch, that the name is set outside does not count."""
    with pytest.raises(LaunchError, match="missing required argument 'a'"):
        plan(
            tmp_path,
            '<let name="a" value="1"/><include file="$(dirname)/inner.launch.xml"/>',
            inner='<arg name="a"/>',
        )


def test_after_an_include_dirname_is_the_folder_of_the_included_file(tmp_path):
    """So it is in Jazzy (ros2/launch issue 618); our launch files must not meet it only on the cell."""
    folder = tmp_path / 'other'
    folder.mkdir()
    (folder / 'inner.launch.xml').write_text('<launch/>')
    scope = plan(
        tmp_path,
        f'<executable cmd="$(dirname)"/><include file="{folder}/inner.launch.xml"/><executable cmd="$(dirname)"/>',
    )
    assert [process.command[0] for process in scope.processes] == [str(tmp_path), str(folder)]


def test_options_of_a_process(tmp_path):
    body = (
        '<executable cmd="a" name="camera" cwd="/tmp" output="screen" respawn="true" respawn_delay="0.5" '
        'respawn_max_retries="3" on_exit="shutdown" sigterm_timeout="1" sigkill_timeout="2">'
        '<env name="A" value="$(env HOME)/x"/></executable>'
        '<executable cmd="/bin/b"/><node exec="c" exec_name="d"/>'
    )
    scope = plan(tmp_path, body, {'sigterm_timeout': '7'})
    camera, plain, _ = scope.processes
    assert (camera.label, camera.cwd, camera.output, camera.respawn) == ('camera-1', '/tmp', 'screen', True)
    assert (camera.respawn_delay_s, camera.respawn_max_retries, camera.shutdown_on_exit) == (0.5, 3, True)
    assert (camera.sigterm_timeout_s, camera.sigkill_timeout_s) == (1.0, 2.0)
    assert camera.environment == {'HOME': '/home/welder', 'A': '/home/welder/x'}
    assert (plain.label, plain.output, plain.sigterm_timeout_s, plain.sigkill_timeout_s) == ('b-2', 'log', 7.0, 5.0)
    assert [process.label for process in scope.processes] == ['camera-1', 'b-2', 'd-3']


def test_two_nodes_of_one_name_are_warned_of(tmp_path):
    node = '<node exec="e" name="n" namespace="/"/>'
    assert plan(tmp_path, node * 2).warnings == [
        'there are now at least 2 nodes with the name /n created within this launch context'
    ]


def test_package_substitutions_and_executables(tmp_path, monkeypatch):
    prefix = tmp_path / 'prefix'
    (prefix / 'share/ament_index/resource_index/packages').mkdir(parents=True)
    (prefix / 'share/ament_index/resource_index/packages/demo').touch()
    (prefix / 'share/demo').mkdir()
    (prefix / 'lib/demo').mkdir(parents=True)
    (prefix / 'lib/demo/talker').write_text('#!/bin/sh\n')
    (prefix / 'lib/demo/talker').chmod(0o755)
    monkeypatch.setenv('AMENT_PREFIX_PATH', str(prefix))
    body = '<node pkg="demo" exec="talker" args="$(find-pkg-share demo)/a $(find-pkg-prefix demo)"/>'
    (process,) = plan(tmp_path, body).processes
    assert process.command == (f'{prefix}/lib/demo/talker', f'{prefix}/share/demo/a', str(prefix), '--ros-args')


@pytest.fixture
def said(tmp_path):
    """Evaluates `$(command ...)` of a script that speaks on both outputs, and exits as it is told."""
    script = tmp_path / 'a script.sh'
    script.write_text('#!/bin/sh\necho "said $1"; echo "complains" >&2; exit ${2:-0}\n')
    script.chmod(0o755)

    def evaluated(words, on_stderr=''):
        value = f"$(command '&quot;{script}&quot; {words}'{on_stderr})"
        shutil.rmtree(tmp_path / 'scratch', ignore_errors=True)
        (process,) = plan(tmp_path, f'<executable cmd="e"><env name="said" value="{value}"/></executable>').processes
        return process.environment['said']

    return evaluated


@pytest.mark.parametrize(('on_stderr', 'expected'), [(' ignore', 'said a\n'), (' capture', 'said a\ncomplains\n')])
def test_a_command_gives_what_it_prints(said, on_stderr, expected):
    """As launch.substitutions.Command does."""
    assert said('a', on_stderr) == expected


@pytest.mark.parametrize(
    ('words', 'on_stderr', 'message'),
    [
        ('a', '', 'showed stderr output(.|\n)*complains'),
        ('a 3', ' ignore', 'command failed(.|\n)*complains'),
        ('a', ' shout', "expected 'fail'"),
    ],
)
def test_a_command_that_fails_ends_the_launch(said, words, on_stderr, message):
    with pytest.raises(LaunchError, match=message):
        said(words, on_stderr)


def test_a_command_that_is_not_there_ends_the_launch(tmp_path):
    with pytest.raises(LaunchError, match='No such file'):
        plan(tmp_path, '<let name="a" value="$(command /no/such)"/>')


def test_show_args(tmp_path, capsys):
    (tmp_path / 'inner.launch.xml').write_text('<launch><arg name="inner"/></launch>')
    path = tmp_path / 'outer.launch.xml'
    path.write_text(
        '<launch><arg name="source" default="sim" description="Where images come from"><choice value="sim"/>'
        '<choice value="real"/></arg><group if="true"><arg name="seed" default="$(env SEED 1)$(var x)"/></group>'
        f'<include file="{tmp_path}/inner.launch.xml"/></launch>'
    )
    args = Namespace(package_name=str(path), launch_file_name=None, launch_arguments=[], show_args=True)
    assert launch_main(args) == 0
    assert (
        capsys.readouterr().out
        == """\
Arguments (pass arguments as '<name>:=<value>'):

    'source':
        Where images come from. Valid choices are: ['sim', 'real']
        (default: 'sim')

    'seed':*
        no description given
        (default: EnvVar('SEED') + LaunchConfig('x'))

    'inner':
        no description given

* argument(s) which are only used if specific conditions occur
"""
    )


def test_a_deprecated_file_is_told_also_where_it_is_included(tmp_path):
    (tmp_path / 'old.launch.xml').write_text('<launch deprecated="use new.launch.xml"><executable cmd="a"/></launch>')
    scope = plan(tmp_path, f'<include file="{tmp_path}/old.launch.xml"/>')
    assert scope.warnings == [f'launch file [{tmp_path}/old.launch.xml] is deprecated: use new.launch.xml']


@pytest.mark.parametrize(
    ('body', 'label'),
    [
        ('<node exec="/bin/echo" launch-prefix="nice -n 5"/>', 'nice-1'),
        ('<node exec="/bin/echo" launch-prefix="nice" exec_name="a"/>', 'a-1'),
        ('<node exec="/bin/echo"/>', 'echo-1'),
        ('<executable cmd="echo" name="b" launch-prefix="nice"/>', 'b-1'),
    ],
)
def test_what_a_process_is_called_in_the_log(tmp_path, body, label):
    assert [process.label for process in plan(tmp_path, body).processes] == [label]
