"""Insight: a read model built from events alone, the ICB's view of its trusts, and the published national figures."""
