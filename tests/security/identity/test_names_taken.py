"""A name that the directory takes never leaves its person without an account: the sign-in service takes it too."""

from uuid import uuid4

import pytest

from shared.identity_admin import IdentityAdmin, IdentityProviderRefused
from shared.person_names import SIGNS, person_name
from tests.unit.shared.test_person_names import REAL

IN_EVERY_PLACE = (*REAL, *(f"Jo{sign}x {sign}Brown{sign}" for sign in sorted(SIGNS)), "Jo 2 Brown")


@pytest.mark.parametrize("name", IN_EVERY_PLACE)
def test_a_name_that_we_take_makes_an_account(provisioner: IdentityAdmin, name: str) -> None:
    first, _, last = person_name(name).rpartition(" ")

    account = provisioner.create_account(str(uuid4()), f"{uuid4()}@trust.example", first or last, last)

    assert account.enabled


@pytest.mark.parametrize("sign", '<>&"$%!#?§;*~/\\|^=[]{}()')
def test_the_signs_that_we_refuse_for_its_sake_it_refuses_indeed(provisioner: IdentityAdmin, sign: str) -> None:
    with pytest.raises(IdentityProviderRefused):
        provisioner.create_account(str(uuid4()), f"{uuid4()}@trust.example", f"Jo{sign}", "Brown")
    with pytest.raises(ValueError, match="Take out"):
        person_name(f"Jo{sign} Brown")


@pytest.mark.parametrize("address", ["o'neill+board_1-x@a-b.trust.example", f"{'j' * 64}@trust.example"])
def test_an_address_that_we_take_makes_an_account(provisioner: IdentityAdmin, address: str) -> None:
    made = f"{str(uuid4())[:8]}.{address[9:]}" if len(address) > 64 else f"{str(uuid4())[:8]}.{address}"

    assert provisioner.create_account(str(uuid4()), made, "Jo", "Brown").email == made
