"""How our code becomes running processes: image, entrypoint, web server settings, local runner."""
