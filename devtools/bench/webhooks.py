"""Each webhook beside the bare view, in turns, so that whatever disturbs the one disturbs both."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from statistics import mean, median

from devtools.bench import cast
from devtools.bench.callers import WEIGHTS, Customer, Exchange
from devtools.bench.figures import Figure, divide, weigh
from devtools.bench.load import Answer, Carrier, Webhook
from devtools.bench.processes import Process, running
from devtools.bench.site import Site

CREW = 20
"""Calls at a time, each for another engineer: nobody is rung for two of them."""

BARE = "bare"

GOALS = {"PIN": 3.0, "confirmation": 2.2}
GOAL, GOAL_OF_CALL = 1.6, 1.43
"""Our processor time, compared with the bare view's: of any other webhook, and of their mean."""

Costs = Mapping[str, list[float]]
"""By kind of webhook: seconds of a core for one, as often as it was measured in a round."""


@dataclass
class Server:
    """A web server that takes part, and what it has used so far."""

    process: Process
    carrier: Carrier
    seen: float = 0.0
    rounds: list[Costs] = field(default_factory=list)

    def measure(self, webhooks: Sequence[Webhook]) -> Sequence[Answer]:
        """Send webhooks of one kind, and keep what one of them costs."""
        requests = [self.carrier.sign(webhook) for webhook in webhooks]
        answers = self.carrier.fire(requests)
        self.rounds[-1][webhooks[0].kind].append(self.spend() / len(requests))
        return answers

    def spend(self) -> float:
        """Seconds of a core since this was last asked, also for what is done after an answer."""
        before, self.seen = self.seen, self.process.cpu()
        return self.seen - before

    def costs(self, kind: str) -> list[float]:
        """The cost of a kind of webhook in each round."""
        return [mean(costs[kind]) for costs in self.rounds]


def contest(
    baseline: Site, sites: Sequence[Site], rounds: int, waves: int, crew: int = CREW
) -> list[Figure]:
    """Rounds of whole calls on every site, each step of them beside the bare view; the first
    site's figures have goals. A round before them warms up, and does not count."""
    with ExitStack() as stack:
        servers = []
        for name, site in ((BARE, baseline), *(("web", site) for site in sites)):
            process = stack.enter_context(running(name, site.environment))
            servers.append(Server(process, site.carrier))
        for _ in range(rounds + 1):
            for server in servers:
                server.rounds.append(defaultdict(list))
            for _ in range(waves):
                _call(servers, sites, crew)
        for server in servers:
            del server.rounds[0]
    bare_server, first, *others = servers
    found = _judge(first, bare_server)
    for site, server in zip(sites[1:], others, strict=True):
        found += _compare(site.name, server, bare_server)
    return found


def _call(servers: Sequence[Server], sites: Sequence[Site], crew: int) -> None:
    """The crew's customers call, all at the same step of their calls; the servers take turns."""
    calls = [
        [Customer(cast.phone(place)).be_helped(site.find_leg) for place in range(crew)]
        for site in sites
    ]
    asked = [[next(call) for call in theirs] for theirs in calls]
    for server in servers:
        server.spend()
    turns = deque(range(len(servers)))
    while asked[0]:
        turns.rotate()
        bare_ones = [replace(webhook, path=cast.BARE) for webhook in asked[0]]
        heard = {turn: servers[turn].measure([bare_ones, *asked][turn]) for turn in turns}
        refused = [answer.status for answer in heard[0] if answer.status != 200]
        if refused:
            raise ValueError(f"the bare view refuses: {refused[0]}")
        asked = [_go_on(theirs, heard[k]) for k, theirs in enumerate(calls, start=1)]
    for site in sites:
        site.clear()


def _go_on(calls: Sequence[Exchange], answers: Sequence[Answer]) -> list[Webhook]:
    """Each goes on where its document says; nothing when the calls are over."""
    try:
        return [call.send(answer) for call, answer in zip(calls, answers, strict=True)]
    except StopIteration:
        return []


def _judge(ours: Server, bare_server: Server) -> list[Figure]:
    ratios = {kind: divide(ours.costs(kind), bare_server.costs(kind)) for kind in WEIGHTS}
    found = [
        Figure(
            kind,
            ratios[kind],
            goal=GOALS.get(kind, GOAL),
            note=f"{weight} a call, {median(ours.costs(kind)) * 1000:.2f} ms",
        )
        for kind, weight in WEIGHTS.items()
    ]
    light = {kind: weight for kind, weight in WEIGHTS.items() if kind not in GOALS}
    mean_of_light = weigh(ratios, light)
    return [
        *found,
        Figure("mean without PIN and confirmation", mean_of_light, goal=GOAL_OF_CALL),
        Figure("mean of all", weigh(ratios, WEIGHTS)),
    ]


def _compare(name: str, server: Server, bare_server: Server) -> list[Figure]:
    """The mean of another site's webhooks."""
    ratios = {kind: divide(server.costs(kind), bare_server.costs(kind)) for kind in WEIGHTS}
    return [Figure(f"mean of all, {name}", weigh(ratios, WEIGHTS))]
