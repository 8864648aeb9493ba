"""What happened, coded in PLOVER's terms."""
