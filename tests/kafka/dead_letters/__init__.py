"""Records that cannot be processed or delivered."""
