"""Runs a program of Python in which the Nth call that writes to the disk fails, as a full or broken disk would have it.

    fail_at_call.py N ERRNO PROGRAM WORD...

With N = 0 none fails. The number of calls is printed to stderr at the end.
"""

import builtins
import errno
import os
import runpy
import sys

at, code, program, *words = sys.argv[1:]
calls = 0


def counted(function):
    def call(*given, **named):
        global calls
        calls += 1
        if calls == int(at):
            raise OSError(getattr(errno, code), "injected")
        return function(*given, **named)

    return call


def open_counted(*given, _open=builtins.open, **named):
    file = _open(*given, **named)
    file.write, file.close = counted(file.write), counted(file.close)
    return file


if __name__ == "__main__":
    os.mkdir, os.open, os.fsync = counted(os.mkdir), counted(os.open), counted(os.fsync)
    builtins.open = open_counted
    sys.argv = [program, *words]
    runpy.run_path(program, run_name="__main__")
    print(calls, file=sys.stderr)
