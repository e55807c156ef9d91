"""Two hosts with two of each process, one PostgreSQL and one Redis, and a balancer before them."""

from __future__ import annotations

import asyncio
from pathlib import Path
from random import Random

from devtools.bench.chaos.hosts.balancer import Balancer
from devtools.bench.chaos.hosts.network import NAMES, Network
from devtools.bench.chaos.hosts.outages import Outages
from devtools.bench.chaos.plant import Part, Plant, beating, on_port, takes_queries
from devtools.bench.chaos.postgres import Cluster
from devtools.bench.chaos.run import Came, Wanted, connect, play
from devtools.bench.chaos.site import Site, an_account, redis
from devtools.phone_company.company import Company
from devtools.phone_company.premises import Premises
from devtools.processes.ports import free_ports
from devtools.processes.process import Surroundings

PORTS = (5001, 5002)
"""Of the two web processes of a host; its network is its own."""


async def chaos(folder: Path, wanted: Wanted) -> Came:
    """A run from nothing to nothing; WorksError when something does not come up."""
    network, company = Network(), Company(an_account())
    premises = Premises(company)
    balancer = Balancer([(network.address_of(host), port) for host in NAMES for port in PORTS])
    plants: dict[str, Plant] = {}
    try:
        await network.lay()
        await premises.open(host=network.address)
        site, stores = await _stores(folder, network, company, await balancer.open(network.address))
        plants["stores"] = stores
        for name in stores.parts:
            await stores.begin(name)
        await site.fill(folder, wanted.calls)
        hosts = {host: _host(folder / host, site, network, host) for host in NAMES}
        plants |= hosts
        for plant in hosts.values():
            await asyncio.gather(*(plant.begin(name) for name in plant.parts))
        connect(company, site.public_url, None)
        outages = Outages(network, hosts, Random(f"{wanted.seed}/outages"))
        return await play(company, site.database_url, wanted, outages)
    finally:
        await asyncio.gather(*(plant.end() for plant in plants.values()))
        await balancer.close()
        await premises.close()
        await network.clear()


async def _stores(
    folder: Path, network: Network, company: Company, public_url: str
) -> tuple[Site, Plant]:
    bell, port = free_ports(2, network.address)
    cluster = Cluster(folder, port, network.address)
    await cluster.make()
    bell_url = f"redis://{network.address}:{bell}/0"
    site = Site(company.account, company.url, public_url, cluster.url, bell_url)
    parts = {
        "redis": redis(folder, bell, network.address),
        "postgresql": Part(cluster.process, takes_queries(cluster.url)),
    }
    return site, Plant(parts)


def _host(folder: Path, site: Site, network: Network, host: str) -> Plant:
    folder.mkdir()
    parts = {}
    for n, port in enumerate(PORTS, 1):
        around = Surroundings(site.environment(folder, port), folder, network.inside(host))
        for kind in ("web", "worker", "clock"):
            there = beating(site.database_url, kind)
            if kind == "web":
                there = on_port(port, network.address_of(host))
            name = f"{kind} {n}"
            parts[name] = Part(site.process(kind, around, name), there)
    return Plant(parts)
