"""The web front: sign-in, sessions and pages. It keeps no business data; it asks the services' APIs as the person."""
