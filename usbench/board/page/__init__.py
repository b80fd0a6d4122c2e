"""The leaderboards as one HTML page that needs no network."""
