"""When a run is: rules and their dates. Pure."""
