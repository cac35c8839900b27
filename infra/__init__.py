"""What the product runs but did not write: PostgreSQL, Kafka, Keycloak, S3, SES, mail."""
