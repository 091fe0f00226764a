#!/usr/bin/python3
"""Socket activation as systemd does it: `listen_exec.py NAMES FD,FD... COMMAND...`.

Moves the descriptors to 3, 4, ..., sets LISTEN_FDS, LISTEN_FDNAMES and LISTEN_PID, and becomes
the command, so that LISTEN_PID is right.
"""
import fcntl
import os
import sys

names, given, command = sys.argv[1], [int(n) for n in sys.argv[2].split(",")], sys.argv[3:]
high = [fcntl.fcntl(n, fcntl.F_DUPFD, 100) for n in given]
for n in given:
    os.close(n)
for target, n in enumerate(high, 3):
    os.dup2(n, target, inheritable=True)
    os.close(n)
os.environ.update(LISTEN_FDS=str(len(high)), LISTEN_FDNAMES=names, LISTEN_PID=str(os.getpid()))
os.execv(command[0], command)
