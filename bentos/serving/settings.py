"""The settings of a serving process, read once from the environment at its entry point."""

from pathlib import Path
from typing import Literal

from pydantic import Field, PositiveFloat, PositiveInt
from pydantic_settings import BaseSettings, SettingsConfigDict

from bentos.serving.deadline import DeadlineMs
from bentos.serving.segments import Keeping


class ServingSettings(BaseSettings):
    """``SHOPKEEPER_*`` as a service understands them, and where it keeps what."""

    model_config = SettingsConfigDict(env_prefix="SHOPKEEPER_", frozen=True)

    home: Path = Path(".shopkeeper")
    allow_replay: bool = False  # take occurred_at in a request: for replays of past days only
    device: Literal["auto", "cpu", "cuda"] = "auto"
    workers: PositiveInt | Literal["auto"] = "auto"  # processes of a service; a GPU, on its host
    readers: int = Field(default=0, ge=0)  # threads that read, in all workers; 0: one a core
    longest_queue: int = Field(default=1_000_000, ge=1)  # tokens, of requests without a deadline
    deadline_ms: DeadlineMs = 250  # of requests that name none; "off": however long it takes
    cached_queries: int = Field(default=4096, ge=0)  # whose vectors and tags are kept; 0: none
    cached_searches: int = Field(default=2048, ge=0)  # whose products are, whoever searched
    cached_rerankings: int = Field(default=4096, ge=0)  # whose documents' scores are
    longest_body: int = 16 * 2**20  # bytes of a request that are read
    watch_seconds: float = 0.5  # how often the rollout record and the state pointer are looked at
    log_sync: Literal["os", "disk"] = "os"  # what a logged line survives: see Keeping
    log_segment_bytes: PositiveInt = Keeping.segment_bytes
    log_segment_seconds: PositiveFloat = Keeping.segment_seconds

    @property
    def log_keeping(self) -> Keeping:
        """How both logs are kept."""
        return Keeping(self.log_sync, self.log_segment_bytes, self.log_segment_seconds)

    @property
    def rollouts(self) -> Path:
        """Rollout records, one JSON file a scenario."""
        return self.home / "rollouts"

    @property
    def online_state(self) -> Path:
        """Versions of the online state and the pointer to the current one."""
        return self.home / "online_state"

    @property
    def feedback_logs(self) -> Path:
        """The feedback log, segments of each process."""
        return self.home / "feedback_logs"

    @property
    def alerts(self) -> Path:
        """What a service wants people to look at, segments of each process."""
        return self.home / "alerts"

    @property
    def model_store(self) -> Path:
        """BentoML's home: models and Bentos."""
        return self.home / "bentoml"

    def serving_logs(self, scenario: str) -> Path:
        """The prediction log of a scenario, segments of each process."""
        return self.home / "serving_logs" / scenario
