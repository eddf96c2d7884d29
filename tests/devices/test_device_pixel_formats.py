"""Pixel formats against bytes unpacked by hand, and against the converter of Vimba X (VmbC) where it is installed."""

import ctypes

import numpy as np
import pytest

from weld_cell.devices.pixel_formats import PIXEL_FORMATS, pixel_format_of, to_pixels, unpack
from weld_cell.errors import ImageError

BY_HAND = [
    ('Mono8', '00 7f ff', [0x00, 0x7F, 0xFF]),
    ('Mono10', '23 01 ff 03', [0x123, 0x3FF]),
    ('Mono12', 'bc 0a ff 0f', [0xABC, 0xFFF]),
    ('Mono12p', 'bc fa de', [0xABC, 0xDEF]),
    ('Mono12Packed', 'ab fc de', [0xABC, 0xDEF]),
    ('Mono10p', 'ab 56 05 fc 03', [0x2AB, 0x155, 0x3C0, 0x00F]),
    ('Mono10Packed', 'aa 13 55', [0x2AB, 0x155]),
    ('BayerRG12p', 'bc fa de', [0xABC, 0xDEF]),
    ('BayerGB12Packed', 'ab fc de', [0xABC, 0xDEF]),
    ('Mono12p', 'bc fa de 21 03', [0xABC, 0xDEF, 0x321]),
    ('Mono12Packed', 'ab fc de 32 01', [0xABC, 0xDEF, 0x321]),
]


def test_an_image_that_is_cut_is_refused():
    with pytest.raises(ImageError, match='4 x 2 Mono12p has 12 bytes, 11 came'):
        unpack(bytes(11), (4, 2), PIXEL_FORMATS['Mono12p'])


def test_an_unknown_format_is_named_with_those_that_are_taken():
    with pytest.raises(ImageError, match='0x0210001F') as caught:
        pixel_format_of(0x0210001F)  # YUV422
    assert 'Mono12Packed' in caught.value.remedy


@pytest.mark.parametrize(('name', 'data', 'values'), BY_HAND, ids=lambda v: str(v)[:16])
def test_bytes_unpacked_by_hand(name, data, values):
    found = unpack(bytes.fromhex(data), (len(values), 1), PIXEL_FORMATS[name])
    assert found.tolist() == [values]


def test_the_high_8_bits_are_what_is_shown():
    values = np.array([[0, 0x00F, 0x010, 0xFFF]], np.uint16)
    assert to_pixels(values, PIXEL_FORMATS['Mono12']).tolist() == [[0, 0, 1, 255]]


@pytest.mark.parametrize('pattern', ['RG', 'GB', 'GR', 'BG'])
def test_the_colours_of_a_bayer_pattern(pattern):
    """An even red, green and blue seen through each pattern comes out as it was."""
    colour = {'R': 200, 'G': 90, 'B': 20}
    second = {'RG': 'GB', 'GB': 'RG', 'GR': 'BG', 'BG': 'GR'}[pattern]
    tile = np.array([[colour[c] for c in pattern], [colour[c] for c in second]], np.uint8)
    pixels = to_pixels(np.tile(tile, (4, 4)), PIXEL_FORMATS[f'Bayer{pattern}8'])
    assert (pixels == [20, 90, 200]).all()


def test_the_numbers_are_those_of_vimba_x():
    vmbpy = pytest.importorskip('vmbpy', reason='vmbpy is not installed')
    theirs = {name: int(code) for name, code in vmbpy.PixelFormat.__members__.items()}
    theirs.update(RGB8=theirs['Rgb8'], BGR8=theirs['Bgr8'])
    known = {name: f.code for name, f in PIXEL_FORMATS.items() if name in theirs}
    assert len(known) >= 25
    assert known == {name: theirs[name] for name in known}


@pytest.mark.parametrize(
    ('name', 'plain'),
    [('Mono12Packed', 'Mono12'), ('Mono12p', 'Mono12'), ('Mono10p', 'Mono10'), ('Mono12', 'Mono12')],
)
def test_the_converter_of_vimba_x_unpacks_the_same(name, plain):
    """Every bit of it; with Bayer formats it mixes the colours, so that those are judged by hand alone."""
    pytest.importorskip('vmbpy', reason='vmbpy is not installed')
    pixel_format, size_px = PIXEL_FORMATS[name], (64, 6)
    data = np.random.default_rng(3).integers(0, 256, pixel_format.size_bytes(64 * 6), np.uint8)
    if pixel_format.layout == 'plain':
        data[1::2] &= 0x0F
    ours = unpack(data.tobytes(), size_px, pixel_format)
    np.testing.assert_array_equal(ours, vimba_converted(data, size_px, pixel_format, PIXEL_FORMATS[plain]))


def vimba_converted(data, size_px, source_format, target_format):
    """The image as the converter of Vimba X makes another format of it."""
    from vmbpy.c_binding.vmb_image_transform import VmbImage, call_vmb_image_transform

    source, target = VmbImage(), VmbImage()
    source.Size = target.Size = ctypes.sizeof(VmbImage)
    values = np.zeros(size_px[::-1], np.uint16)
    source.Data, target.Data = data.ctypes.data, values.ctypes.data
    for image, pixel_format in ((source, source_format), (target, target_format)):
        call_vmb_image_transform('VmbSetImageInfoFromPixelFormat', pixel_format.code, *size_px, ctypes.byref(image))
    call_vmb_image_transform('VmbImageTransform', ctypes.byref(source), ctypes.byref(target), None, 0)
    return values
