"""PostgreSQL: the roles, schemas and databases the services stand on."""
