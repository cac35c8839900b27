"""Kafka: topics from their files, one user a service, and what each user may do."""
