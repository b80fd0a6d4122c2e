"""From stored rows to rankings and leaderboards."""
