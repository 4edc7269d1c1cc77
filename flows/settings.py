"""The settings of a flow or command, read once from the environment at its entry point."""

from pathlib import Path

from pydantic import PositiveInt
from pydantic_settings import BaseSettings, SettingsConfigDict

from bentos.registry import SCENARIOS


class Settings(BaseSettings):
    """``SHOPKEEPER_*`` as flows and commands understand them, and where they keep what."""

    model_config = SettingsConfigDict(env_prefix="SHOPKEEPER_", frozen=True)

    home: Path = Path(".shopkeeper")
    source: str = "complete_journey"  # or one of flows/sources.py
    source_path: Path | None = None  # the folder of the source's files; not for complete_journey
    logs_from: str | None = None  # a folder or URI with serving_logs/ and feedback_logs/; or home
    notify: str | None = None  # a notification block of Prefect, type/name: slack-webhook/ops
    host: str = "127.0.0.1"
    prefect_port: int = 4200
    service_port: int = 3000  # the first scenario's; the next ones follow, then further replicas
    replicas: PositiveInt = 1  # services of each scenario, for a load balancer to stand before

    @property
    def warehouse(self) -> Path:
        """The DuckDB file."""
        return self.home / "warehouse.duckdb"

    @property
    def published(self) -> Path:
        """The marts people look at, as Parquet: readable while a flow writes the warehouse."""
        return self.home / "published"

    def service_logs(self, folder: str) -> str:
        """Where the nightly finds what services log, of however many: a folder or URI."""
        return f"{(self.logs_from or str(self.home)).rstrip('/')}/{folder}"

    @property
    def reports(self) -> Path:
        """Pages for people."""
        return self.home / "reports"

    @property
    def runs(self) -> Path:
        """Training checkpoints and learning curves, one folder a model."""
        return self.home / "runs"

    @property
    def indexes(self) -> Path:
        """Indexes of the catalogue, a folder a scenario."""
        return self.home / "indexes"

    @property
    def embeddings(self) -> Path:
        """Text vectors, each distinct text once."""
        return self.indexes / "text_embeddings"

    @property
    def logs(self) -> Path:
        """What the supervised processes print."""
        return self.home / "logs"

    @property
    def prefect_api(self) -> str:
        """The address of the Prefect server's API."""
        return f"{self.url_at(self.prefect_port)}/api"

    def service_url(self, scenario: str) -> str:
        """The address of a scenario's service; of the first, where there are replicas."""
        return self.url_at(self.port_of(scenario))

    def port_of(self, scenario: str) -> int:
        """The port of a scenario's service; of the first, where there are replicas."""
        return self.service_port + list(SCENARIOS).index(scenario)

    def ports_of(self, scenario: str) -> dict[str, int]:
        """The ports of a scenario's replicas, by the names of what runs them."""
        return {
            scenario if replica == 0 else f"{scenario}-{replica + 1}": (
                self.port_of(scenario) + replica * len(SCENARIOS)
            )
            for replica in range(self.replicas)
        }

    def url_at(self, port: int) -> str:
        """The address of what listens at a port."""
        return f"http://{self.host}:{port}"
