"""Figures against their floors: `python -m bench`. What each one means stands in README.md."""
