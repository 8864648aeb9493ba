"""The demonstration: simulated weeks through the real service, into real channels of its own."""
