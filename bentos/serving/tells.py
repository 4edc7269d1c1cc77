"""What a service tells in ``/metrics`` of the models that it has, and of their answers."""

from typing import Generic, Protocol, TypeVar

from prometheus_client import Counter, Gauge

from bentos.encoders.choice import Choice
from bentos.serving.live import InService
from bentos.serving.record import PredictionRecord

_SERVING = Gauge(
    "shopkeeper_serving",
    "1 for each model that serves, and as what, of each worker.",
    ["scenario", "model_tag", "variant"],
    multiprocess_mode="liveall",
)
_STATE = Gauge(
    "shopkeeper_state",
    "1 for the online state that serves, of each worker.",
    ["scenario", "version"],
    multiprocess_mode="liveall",
)
_REQUESTS = Counter(
    "shopkeeper_requests_total", "Rankings answered.", ["scenario", "model_tag", "variant"]
)
_DEGRADED = Counter(
    "shopkeeper_degraded_total",
    "Rankings that had to do with less than they would have had with more time.",
    ["scenario"],
)
_BACKEND = Gauge(
    "shopkeeper_backend_agreement",
    "Spearman's rank correlation of what computes here with fp32, on products of the catalogue.",
    ["scenario", "backend", "precision"],
    multiprocess_mode="liveall",
)
_TOLERANCE = Gauge(
    "shopkeeper_backend_tolerance",
    "The greatest difference of a score from fp32's, on products of the catalogue.",
    ["scenario", "backend", "precision"],
    multiprocess_mode="liveall",
)


class Servable(Protocol):
    """What the log says of a ranker."""

    @property
    def choice(self) -> Choice:
        """How it computes here."""


R = TypeVar("R", bound=Servable)


class Tells(Generic[R]):
    """The gauges and counters of a scenario."""

    def __init__(self, scenario: str) -> None:
        """Tells of nothing yet."""
        self._scenario = scenario
        self._serving: InService[R] | None = None

    def now(self, serving: InService[R]) -> None:
        """These models serve, in the place of those before."""
        if self._serving is not None:
            self._set(self._serving, 0)
        self._serving = serving
        self._set(serving, 1)
        choice = serving.rankers["champion"].choice
        way = (self._scenario, choice.backend.name, choice.backend.precision)
        _BACKEND.labels(*way).set(choice.agreement)
        _TOLERANCE.labels(*way).set(choice.tolerance)

    def answered(self, record: PredictionRecord) -> None:
        """Counts an answer."""
        _REQUESTS.labels(self._scenario, record.model_tag, record.variant).inc()
        if record.degraded:
            _DEGRADED.labels(self._scenario).inc()

    def _set(self, serving: InService[R], value: int) -> None:
        for variant, tag in serving.record.models.items():
            _SERVING.labels(self._scenario, tag, variant).set(value)
        _STATE.labels(self._scenario, serving.state.version).set(value)
