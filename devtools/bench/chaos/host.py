"""One host: everything on one machine, and each part of it may be killed."""

from __future__ import annotations

import asyncio
from pathlib import Path
from random import Random

from devtools.bench.chaos.plant import Part, Plant, beating, on_port, takes_queries
from devtools.bench.chaos.postgres import Cluster
from devtools.bench.chaos.run import Came, Wanted, connect, play
from devtools.bench.chaos.site import Site, an_account, redis
from devtools.bench.chaos.spare import Spare
from devtools.bench.chaos.weather import Weather
from devtools.phone_company.company import Company
from devtools.phone_company.premises import Premises
from devtools.processes import LOOPBACK
from devtools.processes.ports import free_ports
from devtools.processes.process import Surroundings

LINE = ("web", "worker", "clock")


async def chaos(folder: Path, database: str, wanted: Wanted) -> Came:
    """A run from nothing to nothing; WorksError when something does not come up."""
    company, spare = Company(an_account()), Spare()
    premises = Premises(company)
    await premises.open()
    await spare.open()
    site, plant = await _built(folder, database, company, spare)
    try:
        await _begun(site, plant, folder, wanted.calls)
        while len(spare.files) < 3:
            await asyncio.sleep(0.1)
        connect(company, site.public_url, site.spare_url)
        weather = Weather(company, plant, Random(f"{wanted.seed}/weather"))
        return await play(company, site.database_url, wanted, weather)
    finally:
        await plant.end()
        await premises.close()
        await spare.close()


async def _built(folder: Path, database: str, company: Company, spare: Spare) -> tuple[Site, Plant]:
    web, bell, port = free_ports(3)
    stores = {"redis": redis(folder, bell)}
    url = f"sqlite:///{folder / 'line.db'}"
    if database == "postgresql":
        cluster = Cluster(folder, port)
        await cluster.make()
        url = cluster.url
        stores["postgresql"] = Part(cluster.process, takes_queries(url))
    line_url, bell_url = f"http://{LOOPBACK}:{web}", f"redis://{LOOPBACK}:{bell}/0"
    site = Site(company.account, company.url, line_url, url, bell_url, spare.url)
    around = Surroundings(site.environment(folder, web), folder)
    there = {"web": on_port(web), "worker": beating(url, "worker"), "clock": beating(url, "clock")}
    line = {kind: Part(site.process(kind, around), there[kind]) for kind in LINE}
    return site, Plant(stores | line)


async def _begun(site: Site, plant: Plant, folder: Path, calls: int) -> None:
    """The stores, the tables and the line's file, then the line."""
    for name in plant.parts:
        if name == LINE[0]:
            await site.fill(folder, calls)
        await plant.begin(name)
