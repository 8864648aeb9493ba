"""Rules, alerts, and who is told."""
