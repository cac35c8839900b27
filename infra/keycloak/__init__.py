"""The identity provider's realm as code.

`realm.render(settings)` builds the whole realm from one role list and a few settings; `python -m infra.keycloak`
writes it where Keycloak imports it at its first start, compares a running realm with it, and prints one-time codes
for the demonstration's people. Production renders no person and no organisation: the directory provisions them.
"""
