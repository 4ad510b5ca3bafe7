"""`leadterra seal rotate`: every password is sealed with the new key and opens as before, also after a kill
half-way.
"""

from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from tests.support.processes import Program, wait_for

ACCOUNTS = 400


@pytest.fixture
def program_and_url(
    tmp_path: Path, make_database: Callable[[str], tuple[str, str]], worker_id: str
) -> tuple[Program, str]:
    """A workspace with many accounts, and the admin's view of its database."""
    admin_url, program_url = make_database(f"leadterra_rotation_{worker_id}")
    program = Program(
        tmp_path, admin_database_url=admin_url, database_url=program_url, data_dir=tmp_path / "data"
    )
    program.run("workspaces", "create", "acme")
    rows = (f"a{row}@x.example,A,127.0.0.1,user{row},hush{row}\n" for row in range(ACCOUNTS))
    (tmp_path / "accounts.csv").write_text(
        "email,name,smtp_host,smtp_username,smtp_password\n" + "".join(rows)
    )
    assert program.run("accounts", "import", "accounts.csv", "--json").json["created"] == ACCOUNTS
    return program, admin_url


def sealed_with(admin_url: str) -> dict[str, int]:
    """How many passwords each key sealed, by the key's id in the blob."""
    with psycopg.connect(admin_url) as connection:
        blobs = connection.execute("select smtp_password from sender_accounts").fetchall()
    ids = [bytes(blob)[2 : 2 + blob[1]].decode() for (blob,) in blobs]
    return {key_id: ids.count(key_id) for key_id in ids}


def test_a_rotation_that_is_killed_is_finished_by_the_next(program_and_url: tuple[Program, str]) -> None:
    """Old and new keys stand side by side meanwhile; in the end the newest has sealed all, and nothing is
    lost.
    """
    program, admin_url = program_and_url
    (old,) = sealed_with(admin_url)

    with program:
        rotating = program.start("seal", "rotate")
        wait_for(lambda: len(sealed_with(admin_url)) == 2, "the first batch to be sealed anew")
        rotating.process.kill()
        rotating.process.wait()
        between = sealed_with(admin_url)
        assert between[old] > 0

        finished = program.run("seal", "rotate", "--finish", "--json").json
        assert sealed_with(admin_url) == {finished["keyId"]: ACCOUNTS}
        assert finished["accountsResealed"] == between[old]

        again = program.run("seal", "rotate", "--json").json
        assert (again["accountsResealed"], sealed_with(admin_url)) == (ACCOUNTS, {again["keyId"]: ACCOUNTS})
    keys = (program.folder / "data" / "seal.keys").read_text().split()
    assert [line.partition(":")[0] for line in keys] == [again["keyId"], finished["keyId"], old]
