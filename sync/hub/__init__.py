"""Takes entries from many gates, keeps forks for a human, shows the fleet."""
