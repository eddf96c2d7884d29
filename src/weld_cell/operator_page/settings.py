"""Settings of the operator's page."""

from dataclasses import dataclass

from weld_cell.config import Settings, bounded, text


@dataclass(frozen=True)
class PageSettings(Settings):
    """Where the page is served, to whom, and how much of the cell's pictures it sends."""

    host: str = text('127.0.0.1', 'address to listen on; any other than this machine needs a password')
    port: int = bounded(8080, 0, 65535, '', 'port to listen on; 0: any free one, printed in the log')
    password_file: str = text(
        '', 'file whose first line is the password; else the environment variable WELD_CELL_PAGE_PASSWORD'
    )
    tls_certificate: str = text('', 'PEM file of the certificate, with its chain; empty: no TLS')
    tls_key: str = text('', 'PEM file of its key; empty: it is in the file of the certificate')
    session_h: float = bounded(12.0, 0.1, 168.0, 'h', 'how long who signed in stays so')
    image_rate_hz: float = bounded(4.0, 0.5, 15.0, 'Hz', 'pictures for a browser that watches')
    image_width_px: int = bounded(800, 160, 4096, 'px', 'pictures are made this narrow')
    image_quality: int = bounded(75, 10, 100, '%', 'of JPEG')
    records_folder: str = text('', 'folder of the records that are shown; empty: none')
