"""Where a request's time goes: spans of several threads as shares of one request's milliseconds."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

CLIENT = "client and network"
HTTP = "HTTP"
JSON = "reading JSON"
TOKENS = "tokens"
QUEUE = "queue and threads"
LAYOUT = "layout"
PROJECTIONS = "products of attention"
FEED_FORWARD = "products of feed-forward"
ATTENTION = "attention"
NORMS = "norms"
HEAD = "head and calibration"
FINDING = "candidates"
ANSWER = "answer"
LOG = "log"
PRODUCTS = (PROJECTIONS, FEED_FORWARD)

RECEIVED, SENT = "received", "sent"  # HTTP, at a request's beginning and at its end
WAITS = "waits"  # a thread for others: no time but theirs, and none where they do something

_STAGE_OF = {RECEIVED: HTTP, SENT: HTTP}


class Span(NamedTuple):
    """What a thread did for a while, in nanoseconds; of a product its shape and type as well."""

    thread: int
    name: str
    begin: int
    end: int
    n: int = 0  # states [n, d] -> [n, e]
    d: int = 0
    e: int = 0
    dtype: str = ""

    @property
    def flops(self) -> int:
        """Of a product; 0 of everything else."""
        return 2 * self.n * self.d * self.e


@dataclass(frozen=True)
class Served:
    """A request, from its first byte in the server to the last of its answer."""

    begin: int
    end: int
    spans: Sequence[Span]

    @property
    def flops(self) -> int:
        """Of all products."""
        return sum(span.flops for span in self.spans)

    @property
    def ms(self) -> float:
        """From its first byte to the last of its answer."""
        return (self.end - self.begin) / 1e6

    @property
    def chains(self) -> list[list[Span]]:
        """The products of each thread that had any, in their order."""
        found: dict[int, list[Span]] = defaultdict(list)
        for span in self.spans:
            if span.flops:
                found[span.thread].append(span)
        return list(found.values())


def requests_in(spans: Sequence[Span]) -> list[Served]:
    """The requests of a client that asks one at a time; what is beside them is left out."""
    ordered = sorted(spans, key=lambda span: span.begin)
    return [
        Served(begin, end, [span for span in ordered[first:last] if span.end > span.begin])
        for first, last, begin, end in _windows(ordered)
    ]


def _windows(ordered: Sequence[Span]) -> Iterator[tuple[int, int, int, int]]:
    """The places of a request's spans, and its two moments."""
    first: int | None = None
    for place, span in enumerate(ordered):
        if span.name == RECEIVED and first is None:
            first = place
        elif span.name == SENT and first is not None:
            yield first, place + 1, ordered[first].begin, span.end
            first = None


def by_stage(request: Served) -> Mapping[str, float]:
    """Milliseconds by stage, together those of the request.

    Of a thread the innermost span counts; a moment at which several threads do something is shared
    between them, and one at which none does is the queue's.
    """
    spent: dict[str, float] = defaultdict(float)
    doing: dict[int, list[str]] = defaultdict(list)  # of each thread, the innermost last
    now = request.begin
    for moment, opens, span in _edges(request.spans):
        then = min(max(moment, now), request.end)
        active = [names[-1] for names in doing.values() if names and names[-1] != WAITS]
        for name in active or [QUEUE]:
            spent[_STAGE_OF.get(name, name)] += (then - now) / len(active or [QUEUE]) / 1e6
        now = then
        if opens:
            doing[span.thread].append(span.name)
        else:
            doing[span.thread].pop()
    return spent


def _edges(spans: Sequence[Span]) -> list[tuple[int, bool, Span]]:
    """Beginnings and ends by time: at the same moment ends come first, then what is outer."""
    ends = [((span.end, False, 0), span) for span in spans]
    begins = [((span.begin, True, -span.end), span) for span in spans]
    edges = sorted(ends + begins, key=lambda edge: edge[0])
    return [(moment, opens, span) for (moment, opens, _), span in edges]
