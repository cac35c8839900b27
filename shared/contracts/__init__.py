"""What the services promise each other: event types, schemas, topics and roles. Data, and the words to name it."""
