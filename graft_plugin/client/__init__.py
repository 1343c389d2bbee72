"""The other side of the protocol: finds the engine's Python, starts it, and talks with it. Standard library only."""
