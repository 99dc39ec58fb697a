"""An integrator: a token, writes with a key, reads, and a socket that notes what it was told."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from tests.faults.machines import Portal
from tests.faults.names import CLIENT_ID, CLIENT_SECRET, STUDY, SUBJECT


class Integrator:
    """Speaks to the portal over HTTP and sockets only."""

    def __init__(self, portal: Portal) -> None:
        self._portal = portal
        self.token = ""
        self._client: httpx.Client | None = None

    @property
    def client(self) -> httpx.Client:
        """A client with a bearer token, fetched at its first use."""
        if self._client is None:
            self._client = self._portal.client()
            given = {"grant_type": "client_credentials", "client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}
            self.token = str(self._client.post("/o/token/", data=given).raise_for_status().json()["access_token"])
            self._client.headers["Authorization"] = f"Bearer {self.token}"
        return self._client

    def close(self) -> None:
        """Close what is open."""
        if self._client is not None:
            self._client.close()

    def relate(self, relation: str, key: str = "") -> httpx.Response:
        """Change the causality of the subject's one event, which its signed narrative cites."""
        values = {"AESPID": "E01", "AEREL": relation}
        body = {"reason": "Query answered", "records": [{"domain": "AE", "subject_id": SUBJECT, "values": values}]}
        headers = {"Idempotency-Key": key} if key else {}
        return self.client.post(f"/api/v1/studies/{STUDY}/records/", json=body, headers=headers)

    def currency(self) -> str:
        """What the portal says of the signed narrative."""
        answer = self.client.get(f"/api/v1/studies/{STUDY}/narratives/").raise_for_status().json()
        return str(answer["results"][0]["currency"])

    def revoke(self) -> None:
        """Give the token back."""
        given = {"token": self.token, "client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}
        with self._portal.client() as client:
            client.post("/o/revoke/", data=given).raise_for_status()

    @contextmanager
    def following(self) -> Iterator["Follower"]:
        """A socket on the subject, after its hello."""
        assert self.client
        address = f"ws://127.0.0.1:{self._portal.port}/ws/studies/{STUDY}/subjects/{SUBJECT}/"
        with connect(address, additional_headers={"Authorization": f"Bearer {self.token}"}) as connection:
            follower = Follower(connection)
            assert follower.next()["type"] == "hello"
            yield follower


class Follower:
    """A socket and what it is told."""

    def __init__(self, connection: ClientConnection) -> None:
        self._connection = connection

    def next(self, timeout: float = 30.0) -> dict[str, Any]:
        """The next message; raises TimeoutError or ConnectionClosed."""
        found: dict[str, Any] = json.loads(self._connection.recv(timeout=timeout))
        return found

    def told(self, kind: str, timeout: float = 30.0) -> dict[str, Any]:
        """The next message of a kind."""
        deadline = time.monotonic() + timeout
        while True:
            message = self.next(deadline - time.monotonic())
            if message["type"] == kind:
                return message

    def code_after(self, timeout: float = 30.0) -> tuple[int | None, list[dict[str, Any]]]:
        """The code with which the server closed, and the messages that came before."""
        before: list[dict[str, Any]] = []
        while True:
            try:
                before.append(self.next(timeout))
            except ConnectionClosed as closed:
                return (closed.rcvd.code if closed.rcvd else None), before
