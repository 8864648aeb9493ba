"""How good the scores are: known episodes, alarms at a budget, and simpler ways beside ours."""
