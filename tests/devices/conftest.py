"""The fixture `peer`: a simulated GigE Vision camera in a process of its own."""

from gige_peer import peer  # noqa: F401
