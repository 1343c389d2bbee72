"""Learning core: procedural worlds, GRAFT's losses, and the runs that make models."""
