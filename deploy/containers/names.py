"""Images, addresses and folders of the container setup, each named once."""

from __future__ import annotations

# Every image in one place, by tag.
IMAGES = {
    "postgres": "postgres:17",
    "kafka": "apache/kafka:4.3.1",
    "keycloak": "quay.io/keycloak/keycloak:26.7.4",
    "s3": "andrewgaul/s3proxy:4.1.0",
    "ses": "motoserver/moto:5.2.5",
    "smtp": "axllent/mailpit:v1.21.8",
    "ours": "improve-together:local",
}

WEB_PORT = 8080
PORTAL_PORT = 8000
FILES_PORT = 8333
MAILS_PORT = 8025
MAIL_FROM = "no-reply@improve-together.example"
WORDS = {"SERVICE_NAME": "Improve Together", "HELP_CONTACT": "help@improve-together.example"}
KEYCLOAK_HOST = "keycloak.localhost"
KEYCLOAK = f"http://{KEYCLOAK_HOST}:8180"
ISSUER = f"{KEYCLOAK}/realms/impact"
WORK_ISSUER = f"{KEYCLOAK}/realms/work"
WORK_CLIENT = "improve-together"
CERTIFICATES = "/run/certificates"
AUTHORITY = f"{CERTIFICATES}/authority.crt"


def secret(name: str) -> str:
    """A reference that compose refuses to leave empty."""
    return "${" + name + ":?see the head of this file}"


FILES = {
    "AWS_REGION": "eu-west-2",
    "AWS_ACCESS_KEY_ID": "impact",
    "AWS_SECRET_ACCESS_KEY": secret("S3_SECRET_KEY"),
    "S3_ENDPOINT": "http://s3:80",
    "S3_BUCKET": "impact",
}
"""How every process signs in at the object store."""
