"""The listening socket: one port on this machine, taken before anything else is started."""

from __future__ import annotations

import contextlib
import errno
import os
import socket

import psutil

from cim_core.errors import CimError, ParameterError
from servers.loopback import LOOPBACK

BACKLOG = 1024


def listen(host: str, port: int) -> socket.socket:
    """Listen at a loopback address; port 0 takes any free one.

    Raises
    ------
    ParameterError
        ``serve.not_loopback``: another machine could connect.
    CimError
        ``serve.port_busy``, ``serve.port_refused``.
    """
    if host not in LOOPBACK:
        raise ParameterError(
            "serve.not_loopback",
            "the server has no accounts yet, so it answers to this machine alone",
            where="--host",
            expected=", ".join(LOOPBACK),
            got=host,
            remedy="serve at 127.0.0.1 and reach it from elsewhere through a tunnel: ssh -L 8080:127.0.0.1:8080 HOST",
        )
    address = LOOPBACK[host]
    door = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_STREAM)
    try:
        door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # a restart need not wait for old connections
        door.bind((address, port))
        door.listen(BACKLOG)
    except OSError as fault:
        door.close()
        raise _refused(fault, host, port) from None
    return door


def _refused(fault: OSError, host: str, port: int) -> CimError:
    where = f"{host}:{port}"
    if fault.errno == errno.EADDRINUSE:
        return CimError(
            "serve.port_busy",
            f"port {port} is taken",
            where=where,
            expected="a free port",
            got=holder(port),
            remedy="end that process, or choose another port: cim serve --port 0 takes any free one",
        )
    return CimError(
        "serve.port_refused",
        "the system does not let this port be used",
        where=where,
        expected="a port this user may use; above 1023 as a rule",
        got=os.strerror(fault.errno or 0),
        remedy="choose another port with --port",
    )


def holder(port: int) -> str:
    """Who listens at a port, as far as the system tells."""
    with contextlib.suppress(psutil.Error, OSError):
        for found in psutil.net_connections("tcp"):
            if found.laddr and found.laddr.port == port and found.status == psutil.CONN_LISTEN and found.pid:
                return f"process {found.pid} ({psutil.Process(found.pid).name()}) listens there"
    return "another process listens there"
