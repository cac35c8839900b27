"""Who is who: organisations and where they belong, people and the roles they hold, and their sign-in accounts."""
