"""Output helpers that the commands share."""


def table(heads: list[str], rows: list[list[str]]) -> str:
    """Columns as wide as their widest entry; the first and the last one to the left, those between to the right."""
    widths = [max(map(len, column)) for column in zip(heads, *rows, strict=True)]
    lines = []
    for first, *between, last in [heads, *rows]:
        cells = [text.rjust(width) for text, width in zip(between, widths[1:-1], strict=True)]
        lines.append('  '.join([first.ljust(widths[0]), *cells, last]))
    return '\n'.join(lines)
