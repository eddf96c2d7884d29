"""How nodes share the processors."""

import os
import sys
import threading

import pytest

from weld_cell.ros.spin import be_patient


@pytest.mark.skipif(sys.platform != 'linux', reason='only Linux knows the patience of a single thread')
def test_only_the_thread_that_is_patient_and_those_that_it_starts_give_way():
    seen = []

    def niceness():
        return os.getpriority(os.PRIO_PROCESS, threading.get_native_id())

    def run(work):
        thread = threading.Thread(target=work)
        thread.start()
        thread.join()

    def patient():
        be_patient(before + 1)
        seen.append(niceness())
        run(lambda: seen.append(niceness()))

    before = niceness()
    run(patient)
    assert seen == [before + 1, before + 1] and niceness() == before
