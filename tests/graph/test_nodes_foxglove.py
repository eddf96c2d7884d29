"""foxglove_bridge, by a client that speaks Foxglove's protocol: the topics of a real graph come whole."""

import asyncio
import json
import re
import struct
import threading

import pytest
from cell_graph import CONFIG, PATIENCE_S
from geometry_msgs.msg import PointStamped
from rclpy.serialization import deserialize_message
from std_msgs.msg import String

from weld_cell.ros.qos import LATCHED, STATE

aiohttp = pytest.importorskip('aiohttp', reason='the extra "page" is not installed')
pytest.importorskip('foxglove', reason='the extra "foxglove" is not installed')

pytestmark = pytest.mark.graph


class Viewer(threading.Thread):
    """Looks at some topics and keeps what comes of them, by topic."""

    def __init__(self, address, topics):
        super().__init__(daemon=True)
        self.schemas, self.messages, self.end = {}, {topic: [] for topic in topics}, False
        self._address = address

    def run(self):
        asyncio.run(self._look())

    async def _look(self):
        async with (
            aiohttp.ClientSession() as client,
            client.ws_connect(self._address, protocols=('foxglove.sdk.v1',)) as socket,
        ):
            asking = asyncio.create_task(self._ask(socket))
            async for message in socket:
                if self.end:
                    break
                self._take(message)
            asking.cancel()

    def _take(self, message):
        if message.type is aiohttp.WSMsgType.BINARY and message.data[0] == 1:
            number = struct.unpack_from('<I', message.data, 1)[0]
            (topic,) = (name for name, channel in self.schemas.items() if channel['id'] == number)
            self.messages[topic].append(message.data[13:])
        elif message.type is aiohttp.WSMsgType.TEXT:
            channels = json.loads(message.data).get('channels', [])
            self.schemas |= {each['topic']: each for each in channels if each['topic'] in self.messages}

    async def _ask(self, socket):
        """Again and again: foxglove-sdk 0.30.3 loses what answers the news of a channel at once."""
        while True:
            await asyncio.sleep(0.5)
            lacking = [each['id'] for topic, each in self.schemas.items() if not self.messages[topic]]
            wanted = [{'id': number, 'channelId': number} for number in lacking]
            if wanted:
                await socket.send_str(json.dumps({'op': 'subscribe', 'subscriptions': wanted}))


def test_topics_come_whole_and_only_while_somebody_looks(graph):
    graph.start('foxglove_bridge', port=0)
    graph.wait_for_output('foxglove_bridge', ['Foxglove connects to'])
    address = re.search(r'ws://\S+', graph.output('foxglove_bridge'))[0]
    points = graph.node.create_publisher(PointStamped, 'seam/point', STATE)
    stages = graph.node.create_publisher(String, 'cell/stage', LATCHED)
    stages.publish(String(data='track'))
    viewer = Viewer(address, ['/seam/point', '/cell/stage'])
    viewer.start()
    sent = PointStamped()
    sent.header.frame_id, sent.point.x = 'base_link', 0.25

    def came():
        points.publish(sent)
        return all(viewer.messages.values())

    assert graph.wait(came), viewer.schemas
    assert deserialize_message(viewer.messages['/seam/point'][0], PointStamped) == sent
    assert deserialize_message(viewer.messages['/cell/stage'][0], String).data == 'track'  # said before it looked
    schema = viewer.schemas['/seam/point']
    assert (schema['encoding'], schema['schemaName']) == ('cdr', 'geometry_msgs/msg/PointStamped')
    assert 'MSG: std_msgs/Header' in schema['schema']
    viewer.end = True
    assert graph.wait(lambda: came() and not graph.has_listener('/seam/point', 'foxglove_bridge'))
    viewer.join(PATIENCE_S)


def test_two_bridges_on_one_port(graph):
    graph.start('foxglove_bridge', port=0)
    graph.wait_for_output('foxglove_bridge', ['Foxglove connects to'])
    port = re.search(r'ws://\S+:(\d+)', graph.output('foxglove_bridge'))[1]
    graph.processes['first'], graph._outputs['first'] = (
        graph.processes.pop('foxglove_bridge'),
        graph._outputs.pop('foxglove_bridge'),
    )
    graph.start('foxglove_bridge', port=port)
    code, said = graph.ended('foxglove_bridge')
    assert code == 1 and 'cannot be served at 127.0.0.1' in said and 'Traceback' not in said


def test_the_layout_shows_topics_that_there_are():
    layout = json.loads((CONFIG / 'foxglove_layout.json').read_text())
    listed = (CONFIG.parent / 'docs' / 'interfaces.md').read_text()
    shown = set(re.findall(r'"/([a-z_/]+)"', json.dumps(layout)))
    assert shown and all(f'| `{topic}` |' in listed for topic in shown)
    panels = set(re.findall(r'"((?:3D|Image|DiagnosticSummary|RawMessages)![a-z]+)"', json.dumps(layout['layout'])))
    assert panels == set(layout['configById'])
