"""Numbers in messages for people."""


def counted(number: int, thing: str, things: str = '') -> str:
    """1 record, 2 records; things: where more of them are not just called so with an s, such as 'records are'."""
    return f'{number} {thing if number == 1 else things or f"{thing}s"}'


def signed(value: float, digits: int) -> str:
    """A number with its sign, rounded: +0.25, -1.50, and 0.00 without one."""
    rounded = round(float(value), digits)
    return f'{rounded:+.{digits}f}' if rounded else f'{0.0:.{digits}f}'


def unsigned_zero(value: float, digits: int) -> str:
    """A number, rounded: 0.25, -1.50, and 0.00 where it rounds to that from below."""
    return f'{round(float(value), digits) + 0.0:.{digits}f}'
