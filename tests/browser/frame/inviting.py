"""Inviting somebody as the access manager does, and following the link in the mail."""

from tests.browser.personas import AsPersona, RunningSystem


def invited(
    as_persona: AsPersona,
    system: RunningSystem,
    name: str,
    address: str,
    *,
    role: str = "Board member",
    check: bool = True,
) -> str:
    """Let Amir invite somebody; return the path of the link in the mail."""
    amir = as_persona("amir.access")
    page = amir.open("/people/invite", check=False)
    page.fill("#name", name)
    page.fill("#email", address)
    page.get_by_role("radio", name=role).check()
    amir.press(page, "Send the invitation", check=check)
    mail = system.last_mail_to(address)
    return next(word for word in mail.split() if "/invitation/" in word).removeprefix(system.portal_url)
