"""What an ICB sees of its trusts in a browser, and what it does not."""

from tests.browser.personas import AsPersona

COVERS = ["/our-trusts", "/our-trusts/<code>"]


def test_an_icb_lead_sees_every_member_trust_in_words(as_persona: AsPersona) -> None:
    page = as_persona("iris.icb").open("/our-trusts")

    words = page.inner_text("main")
    assert "Aldermere NHS Trust (fictional)" in words
    assert "not a ranking" in words or "Nobody shares" in words


def test_a_filter_survives_reload(as_persona: AsPersona) -> None:
    page = as_persona("iris.icb").open("/our-trusts?show=signed_off")

    assert page.locator("#show").input_value() == "signed_off"


def test_an_icb_lead_sees_what_one_trust_chose_to_show(as_persona: AsPersona) -> None:
    page = as_persona("iris.icb").open("/our-trusts/DEMO01")

    assert "What you do not see" in page.inner_text("main")


def test_a_trust_of_another_icb_does_not_exist_here(as_persona: AsPersona) -> None:
    as_persona("iris.icb").open("/our-trusts/DEMO20", status=404)


def test_a_trusts_lead_has_no_such_page(as_persona: AsPersona) -> None:
    as_persona("lena.lead").open("/our-trusts", status=403)
