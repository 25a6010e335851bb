"""Measurements. Each prints its figures beside a floor that was measured in the same run."""
