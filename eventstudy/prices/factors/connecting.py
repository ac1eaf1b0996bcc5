"""Whether a host answers at all, known within seconds."""

from __future__ import annotations

import socket
import threading
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

CONNECT_TIMEOUT = 2.0  #: seconds to find a host and connect to it
PORTS = {"http": 80, "https": 443}


def refuse_unreachable(url: str, timeout: float = CONNECT_TIMEOUT) -> None:
    """Connect to the host of a URL, or to the proxy that is set for it, and close the connection.

    Parameters
    ----------
    timeout
        Seconds; a name that no server resolves counts, too.

    Raises
    ------
    OSError
        There is no connection; a TimeoutError where nothing answered.
    """
    asked = urlsplit(url)
    proxy = "" if proxy_bypass(asked.hostname or "") else getproxies().get(asked.scheme, "")
    host = urlsplit(proxy if "://" in proxy else f"http://{proxy}") if proxy else asked
    failures: list[Exception | None] = []

    def connect() -> None:
        try:
            socket.create_connection((host.hostname, host.port or PORTS[host.scheme]), timeout).close()
            failures.append(None)
        except Exception as error:  # raised in the caller's thread
            failures.append(error)

    thread = threading.Thread(target=connect, daemon=True)  # resolving a name cannot be given a limit
    thread.start()
    thread.join(timeout)
    if not failures or isinstance(failures[0], TimeoutError):
        raise TimeoutError(f"{host.hostname} does not answer")
    if failures[0] is not None:
        raise failures[0]
