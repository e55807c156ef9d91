"""Two hosts as network namespaces on one bridge; this machine is their switch and third host."""

from __future__ import annotations

import asyncio
import os
import shutil

from devtools.processes import WorksError

NAMES = ("a", "b")


class Network:
    """The bridge, and a namespace for each host; the names and addresses are this process's own."""

    def __init__(self) -> None:
        """Lays nothing yet; WorksError, one sentence, where that is not possible."""
        if os.geteuid() != 0:
            raise WorksError("Two hosts need network namespaces, which only root may make.")
        if shutil.which("ip") is None:
            raise WorksError("Two hosts need the program ip: apt-get install iproute2.")
        own = os.getpid()
        self._bridge, self._net = f"chaos{own}", f"10.77.{own % 250}"
        self.address = f"{self._net}.1"

    def namespace(self, host: str) -> str:
        """What the host's namespace is called."""
        return f"{self._bridge}{host}"

    def address_of(self, host: str) -> str:
        """The host's address."""
        return f"{self._net}.{11 + NAMES.index(host)}"

    def inside(self, host: str) -> str:
        """What is put before a command that runs on this host."""
        return f"ip netns exec {self.namespace(host)}"

    async def lay(self) -> None:
        """Everything joined and up; WorksError when the machine refuses."""
        await _ip(f"link add {self._bridge} type bridge")
        await _ip(f"addr add {self.address}/24 dev {self._bridge}")
        await _ip(f"link set {self._bridge} up")
        for host in NAMES:
            space, cable = self.namespace(host), self._cable(host)
            await _ip(f"netns add {space}")
            await _ip(f"link add {cable} type veth peer name eth0 netns {space}")
            await _ip(f"link set {cable} master {self._bridge} up")
            await _ip(f"-n {space} addr add {self.address_of(host)}/24 dev eth0")
            await _ip(f"-n {space} link set eth0 up")
            await _ip(f"-n {space} link set lo up")

    async def cut(self, host: str) -> None:
        """Nothing reaches this host any more, and nothing leaves it."""
        await _ip(f"link set {self._cable(host)} down")

    async def mend(self, host: str) -> None:
        """It is reached again."""
        await _ip(f"link set {self._cable(host)} up")

    async def clear(self) -> None:
        """Leave nothing behind, however much of it was laid."""
        for host in NAMES:
            await _ip(f"netns del {self.namespace(host)}", strict=False)
        await _ip(f"link del {self._bridge}", strict=False)

    def _cable(self, host: str) -> str:
        return f"{self._bridge}{host}"


async def _ip(what: str, strict: bool = True) -> None:
    process = await asyncio.create_subprocess_exec(
        "ip", *what.split(), stderr=asyncio.subprocess.PIPE
    )
    _, said = await process.communicate()
    if strict and process.returncode != 0:
        raise WorksError(f"ip {what}: {said.decode().strip()}")
