"""Real servers on loopback, on a machine that has nothing but Python.

    from infra.servers import Profile, Servers
    servers = Servers(Profile("demo"))
    servers.start()
    servers.settings.postgres.dsn("app_assessment")

From a shell: `python -m infra.servers up --profile demo`.
"""
