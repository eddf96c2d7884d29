"""Password and sessions of the operator's page."""

import pytest

from weld_cell.errors import ConfigurationError
from weld_cell.operator_page.access import ENVIRONMENT, Access, access_of, is_this_machine
from weld_cell.operator_page.settings import PageSettings

PASSWORD = 'four words of it'


@pytest.fixture(autouse=True)
def no_password(monkeypatch):
    monkeypatch.delenv(ENVIRONMENT, raising=False)


@pytest.mark.parametrize('session', ['', '.', 'x.y', 'MTc5.', '\udcff.\udcff', '9999999999.' + '0' * 64])
def test_what_was_not_signed_here_is_no_session(session):
    access = Access(PASSWORD, 60.0)
    assert not access.holds(session) and not access.holds(Access(PASSWORD, 60.0).sign_in())
    assert not access.knows('') and not access.knows(PASSWORD + ' ') and access.knows(PASSWORD)


def test_a_session_ends():
    now_s = [1000.0]
    access = Access(PASSWORD, 60.0, lambda: now_s[0])
    session = access.sign_in()
    assert access.holds(session) and not access.holds(session[:-1] + ('0' if session[-1] != '0' else '1'))
    now_s[0] += 61.0
    assert not access.holds(session)


def test_without_a_password_everybody_who_reaches_it_may():
    access = Access('', 60.0)
    assert not access.needed and access.holds('') and not access.knows('')


@pytest.mark.parametrize(
    ('host', 'here'),
    [
        ('', False),
        ('127.0.0.1', True),
        ('::1', True),
        ('localhost', True),
        ('0.0.0.0', False),
        ('cell.example', False),
    ],
)
def test_beyond_this_machine_a_password_is_needed(host, here, monkeypatch):
    assert is_this_machine(host) is here
    if here:
        assert not access_of(PageSettings(host=host)).needed
        return
    with pytest.raises(ConfigurationError, match='without a password') as refused:
        access_of(PageSettings(host=host))
    assert ENVIRONMENT in refused.value.remedy
    monkeypatch.setenv(ENVIRONMENT, PASSWORD)
    assert access_of(PageSettings(host=host)).knows(PASSWORD)


@pytest.mark.parametrize(
    ('content', 'said'),
    [(None, 'cannot be read'), (b'', 'is empty'), (b'\xff\xfe', 'cannot be'), (b'short\n', '5 letters')],
)
def test_a_file_without_a_password_is_named(content, said, tmp_path):
    file = tmp_path / 'password'
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(ConfigurationError, match=said):
        access_of(PageSettings(password_file=str(file)))


def test_the_first_line_of_the_file_is_the_password(tmp_path):
    (tmp_path / 'password').write_text(f'{PASSWORD}\nof the cell in hall 3\n')
    assert access_of(PageSettings(password_file=str(tmp_path / 'password'))).knows(PASSWORD)
