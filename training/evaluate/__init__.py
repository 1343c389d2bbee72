"""`python -m training evaluate`: models against labelled images that they were not trained on, one task a module."""
