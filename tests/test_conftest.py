"""The guard against the network is inspected too: tests that trust it would pass silently without it."""

from __future__ import annotations

import socket
import subprocess
import sys
import threading

import pytest


@pytest.mark.parametrize("host", ["192.0.2.1", "2001:db8::1", "prices.example"])
def test_the_network_is_refused(host: str) -> None:
    with pytest.raises(RuntimeError, match="reached for the network"):
        socket.create_connection((host, 80), timeout=1)


def test_a_bare_socket_is_refused() -> None:
    with socket.socket() as client, pytest.raises(RuntimeError, match=r"192\.0\.2\.1"):
        client.connect(("192.0.2.1", 80))


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_this_machine_may_be_asked(host: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        answer = threading.Thread(target=lambda: server.accept()[0].close())
        answer.start()
        socket.create_connection((host, server.getsockname()[1]), timeout=5).close()
        answer.join(timeout=5)
        assert not answer.is_alive()


@pytest.mark.parametrize("library", ["requests", "curl_cffi.requests"])
def test_other_processes_and_libcurl_meet_a_dead_proxy(library: str) -> None:
    code = (
        f"import {library} as r\ntry: r.get('http://192.0.2.1/', timeout=5)\nexcept Exception as e: print(e)"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=30).stdout
    assert "127.0.0.1" in said
