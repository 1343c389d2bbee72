"""Encoders: checkpoints in, unit vectors out; images, their patches and texts meet in one space."""
