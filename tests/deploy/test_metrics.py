"""A serving node's numbers are on 127.0.0.1 alone, and only where a port is set."""

from dataclasses import replace

import click
import pytest
import requests

from deploy import metrics

from ..support.network import LocalNode, free_ports


@pytest.fixture
def port() -> int:
    return free_ports(1)[0]


def served_at(london: LocalNode, port: int) -> object:
    return metrics.served(replace(london.handle, settings=replace(london.settings, metrics_port=port)))


def test_the_numbers_are_at_their_port_while_the_node_serves(london: LocalNode, port: int) -> None:
    url = f"http://127.0.0.1:{port}/metrics"
    with served_at(london, port):  # type: ignore[attr-defined]
        answer = requests.get(url, timeout=10)
        assert (answer.status_code, answer.headers["Content-Type"]) == (200, metrics_type())
        assert "rtr_ready 1" in answer.text
        assert requests.get(f"http://127.0.0.1:{port}/", timeout=10).status_code == 404
        assert requests.post(url, timeout=10).status_code == 404
    with pytest.raises(requests.ConnectionError):
        requests.get(url, timeout=2)


def metrics_type() -> str:
    return "text/plain; version=0.0.4; charset=utf-8"


def test_a_name_that_leads_to_this_machine_reads_nothing(london: LocalNode, port: int) -> None:
    with served_at(london, port):  # type: ignore[attr-defined]
        answer = requests.get(f"http://127.0.0.1:{port}/metrics", headers={"Host": f"evil.example:{port}"}, timeout=10)
    assert (answer.status_code, "rtr_ready" in answer.text) == (404, False)


def test_without_a_port_nothing_listens(london: LocalNode, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("deploy.metrics.listening", lambda *_: pytest.fail("it listens"))
    with metrics.served(london.handle):
        pass


def test_a_port_that_is_taken_is_said_in_a_line(london: LocalNode, port: int) -> None:
    with (
        served_at(london, port),  # type: ignore[attr-defined]
        pytest.raises(click.ClickException, match=f"port {port} of RTR_METRICS_PORT cannot be had"),
        served_at(london, port),  # type: ignore[attr-defined]
    ):
        pass
