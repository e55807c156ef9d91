"""The clock process: looks every 50 ms for what is due. Any number may run; none of them leads."""

from __future__ import annotations

from functools import partial

from outage import Turns
from workers.courier import carry
from workers.hands import Hands
from workers.life import asked_to_end, beating, begin
from workers.readiness import ready
from workers.sweep import sweep
from workers.upkeep import keep_up
from workers.warmup import ENOUGH, warm_hand, warm_up

TICK = 0.05
_REST = 0.5


def main() -> None:
    """Tick until asked to end."""
    context, end, turns = begin(), asked_to_end(), Turns("clock")
    keep_up(context, end)
    carry(context, end)
    warm = partial(warm_hand, context)
    with Hands(context, warm=warm) as hands, beating("clock", context):
        warm_up(context)
        hands.until_warm(ENOUGH)
        ready()
        while not end.wait(TICK):
            if not turns.take(partial(sweep, context, hands)):
                end.wait(_REST)


if __name__ == "__main__":
    main()
