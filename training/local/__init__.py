"""Fine-tuning on local imagery: a model learns from photos or polygons of one area, and keeps its old skill."""
