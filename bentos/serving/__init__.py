"""What every service shares: settings, logs, the online state and the rollout record."""
