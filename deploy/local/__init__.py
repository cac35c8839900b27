"""The whole system on one machine: real servers, the production entrypoints, one supervisor."""
