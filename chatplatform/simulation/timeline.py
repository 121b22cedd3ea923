"""What happens when: actions in the order of simulated time."""

import heapq
from collections.abc import Callable
from itertools import count

Action = Callable[[], None]


class Timeline:
    """``now`` in seconds since the simulated day's midnight. ``set_time`` is told before each action."""

    def __init__(self, set_time: Callable[[float], None]) -> None:
        self._set_time = set_time
        self._heap: list[tuple[float, int, Action]] = []
        self._numbers = count()
        self.now = 0.0

    def at(self, second: float, action: Action) -> None:
        """Plans an action; what is planned for the same second happens in the order of planning."""
        heapq.heappush(self._heap, (max(second, self.now), next(self._numbers), action))

    def after(self, seconds: float, action: Action) -> None:
        self.at(self.now + seconds, action)

    def run(self, until: float, after_each: Action) -> None:
        """Until nothing is planned any more, or the day is over. ``after_each`` runs in the time of its action."""
        while self._heap and self._heap[0][0] <= until:
            second, _, action = heapq.heappop(self._heap)
            if second > self.now:
                self._set_time(second)
                self.now = second
            action()
            after_each()
