"""Plans drafted from results, priorities and actions."""
