"""When a run is held: rules and their dates, without database or clock."""
