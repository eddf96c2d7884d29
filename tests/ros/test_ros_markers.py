"""Markers for RViz: what they delete, and that words stand together."""

import numpy as np
from visualization_msgs.msg import Marker

from weld_cell.ros.markers import surface_marker, words_at

PLACE = np.array([1.0, 0.2, 0.3])


def test_no_words_only_delete():
    (clear,) = words_at('', PLACE, 0, 'base_link').markers
    assert (clear.action, clear.ns) == (Marker.DELETEALL, ''), 'with a namespace RViz deletes that one alone'


def test_words_stand_together_at_their_place():
    clear, words = words_at('v 203 mm, gap 0.42 mm', PLACE, 5_000_000_001, 'base_link', 0.03).markers
    assert clear.action == Marker.DELETEALL
    assert (words.action, words.type, words.text) == (Marker.ADD, Marker.TEXT_VIEW_FACING, 'v 203 mm, gap 0.42 mm')
    assert 0.0 < words.scale.x < words.scale.z == 0.03
    assert (words.pose.position.x, words.pose.position.y, words.pose.position.z) == tuple(PLACE)
    assert (words.header.frame_id, words.header.stamp.sec, words.header.stamp.nanosec) == ('base_link', 5, 1)


def test_a_surface_is_seen_from_both_sides():
    triangle = np.array([[0.0, 0.0, 0.0], [1.0, 0.0, 0.0], [0.0, 1.0, 0.0]])
    _, marker = surface_marker(triangle, 'workpiece', 0, 'base_link').markers
    corners = np.array([[p.x, p.y, p.z] for p in marker.points])
    assert marker.type == Marker.TRIANGLE_LIST and (marker.scale.x, marker.scale.y, marker.scale.z) == (1.0, 1.0, 1.0)
    assert corners.tolist() == [*triangle.tolist(), *triangle[::-1].tolist()]
