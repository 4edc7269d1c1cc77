"""When things happen: Prefect flows, the decisions they take, and the ``shopkeeper`` command."""
